import Testing

@testable import Cluster

@Suite("The proof that a connection for sharded channels delivers")
struct ShardProofTests {
    private typealias Row = (
        event: ShardProof.Event, state: ShardProof.State, next: ShardProof.State, action: ShardProof.Action?
    )

    /// What changes something; every other pair changes nothing.
    private static let rows: [Row] = [
        (.due, .none, .asked, .choose), (.due, .ready, .sent, .publish), (.due, .sent, .sent, .publish),
        (.due, .accepted, .late, nil), (.due, .late, .asked, .reconnect), (.confirmed, .asked, .ready, nil),
        (.disconnected, .ready, .asked, nil), (.disconnected, .sent, .asked, nil),
        (.disconnected, .accepted, .asked, nil), (.disconnected, .late, .asked, nil),
        (.turnedAway, .asked, .none, nil), (.turnedAway, .late, .none, nil), (.heard, .late, .ready, nil),
        (.turnedAway, .ready, .none, nil), (.turnedAway, .sent, .none, nil), (.turnedAway, .accepted, .none, nil),
        (.accepted, .sent, .accepted, nil), (.heard, .sent, .ready, nil), (.heard, .accepted, .ready, nil),
    ]

    @Test("every pair of a state and an event")
    func pairs() {
        for event in ShardProof.Event.allCases {
            for state in ShardProof.State.allCases {
                let row = Self.rows.first { $0.event == event && $0.state == state } ?? (event, state, state, nil)
                var proof = ShardProof(state)
                #expect(proof.receive(event) == row.action && proof.state == row.next, "\(state) after \(event)")
            }
        }
    }
}
