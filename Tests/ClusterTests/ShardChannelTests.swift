import RESP
import Testing

@testable import Cluster

/// What a channel does, for every pair of a state and an event.
@Suite("A sharded channel")
struct ShardChannelTests {
    typealias Event = ShardChannel.Event
    typealias Effect = ShardChannel.Effect

    private static let (a, b, c) = (place(1), place(2), place(3))
    private static func place(_ port: UInt16) -> Address { .tcp(host: "m", port: port) }

    /// What must follow: the next state, and the effects.
    struct Outcome: Equatable {
        let state: ShardChannel
        let effects: [Effect]
    }

    struct Row {
        let state: ShardChannel
        /// In the order of ``events``.
        let outcomes: [Outcome]
    }

    private static let events: [Event] = [
        .map(a), .map(b), .map(c), .map(nil), .confirmed(a), .confirmed(b), .ended(a, isCovered: false),
        .ended(b, isCovered: false), .ended(a, isCovered: true), .turnedAway(a), .turnedAway(b), .lost(a), .lost(b),
        .coverLost, .unwanted,
    ]

    private static func to(_ state: ShardChannel, _ effects: Effect...) -> Outcome {
        Outcome(state: state, effects: effects)
    }

    private static let table: [Row] = [
        Row(
            state: .nowhere,
            outcomes: [
                to(.asked(a), .subscribe(a)), to(.asked(b), .subscribe(b)), to(.asked(c), .subscribe(c)), to(.nowhere),
                to(.nowhere), to(.nowhere), to(.nowhere),
                to(.nowhere), to(.nowhere), to(.nowhere), to(.nowhere), to(.nowhere), to(.nowhere),
                to(.nowhere), to(.nowhere),
            ]),
        Row(
            state: .asked(a),
            outcomes: [
                to(.asked(a)), to(.asked(b), .subscribe(b), .unsubscribe(a)),
                to(.asked(c), .subscribe(c), .unsubscribe(a)), to(.nowhere, .unsubscribe(a)),
                to(.on(a), .tellHeard), to(.asked(a)), to(.asked(a), .subscribe(a), .doubtMap),
                to(.asked(a)), to(.asked(a), .subscribe(a), .doubtMap), to(.nowhere, .doubtMap), to(.asked(a)),
                to(.asked(a)), to(.asked(a)),
                to(.asked(a)), to(.nowhere, .unsubscribe(a)),
            ]),
        Row(
            state: .on(a),
            outcomes: [
                to(.on(a)), to(.moving(from: a, to: b), .subscribe(b)), to(.moving(from: a, to: c), .subscribe(c)),
                to(.on(a)), to(.on(a)), to(.on(a)), to(.asked(a), .tellLost, .subscribe(a), .doubtMap),
                to(.on(a)), to(.covered(askedAt: a), .subscribe(a), .doubtMap), to(.on(a)), to(.on(a)),
                to(.asked(a), .tellLost), to(.on(a)), to(.on(a)), to(.nowhere, .unsubscribe(a)),
            ]),
        Row(
            state: .moving(from: a, to: b),
            outcomes: [
                to(.on(a), .unsubscribe(b)), to(.moving(from: a, to: b)),
                to(.moving(from: a, to: c), .subscribe(c), .unsubscribe(b)), to(.on(a), .unsubscribe(b)),
                to(.moving(from: a, to: b)), to(.on(b), .unsubscribe(a), .tellChecked), to(.asked(b), .tellLost),
                to(.moving(from: a, to: b), .subscribe(b), .doubtMap), to(.covered(askedAt: b)),
                to(.moving(from: a, to: b)),
                to(.on(a), .doubtMap), to(.asked(b), .tellLost, .unsubscribe(a)), to(.moving(from: a, to: b)),
                to(.moving(from: a, to: b)), to(.nowhere, .unsubscribe(a), .unsubscribe(b)),
            ]),
        Row(
            state: .covered(askedAt: a),
            outcomes: [
                to(.covered(askedAt: a)), to(.covered(askedAt: b), .subscribe(b), .unsubscribe(a)),
                to(.covered(askedAt: c), .subscribe(c), .unsubscribe(a)), to(.covered(askedAt: nil), .unsubscribe(a)),
                to(.on(a), .tellChecked), to(.covered(askedAt: a)),
                to(.covered(askedAt: a), .subscribe(a), .doubtMap), to(.covered(askedAt: a)),
                to(.covered(askedAt: a), .subscribe(a), .doubtMap), to(.covered(askedAt: nil), .doubtMap),
                to(.covered(askedAt: a)), to(.covered(askedAt: a)), to(.covered(askedAt: a)),
                to(.asked(a), .tellLost), to(.nowhere, .unsubscribe(a)),
            ]),
        Row(
            state: .covered(askedAt: nil),
            outcomes: [
                to(.covered(askedAt: a), .subscribe(a)), to(.covered(askedAt: b), .subscribe(b)),
                to(.covered(askedAt: c), .subscribe(c)), to(.covered(askedAt: nil)),
                to(.covered(askedAt: nil)), to(.covered(askedAt: nil)), to(.covered(askedAt: nil)),
                to(.covered(askedAt: nil)), to(.covered(askedAt: nil)), to(.covered(askedAt: nil)),
                to(.covered(askedAt: nil)), to(.covered(askedAt: nil)), to(.covered(askedAt: nil)),
                to(.nowhere, .tellLost), to(.nowhere),
            ]),
    ]

    @Test("goes to the next state, with these effects", arguments: table)
    func pairs(row: Row) {
        #expect(row.outcomes.count == Self.events.count)
        for (event, outcome) in zip(Self.events, row.outcomes) {
            var channel = row.state
            let effects = channel.receive(event)
            #expect(Outcome(state: channel, effects: effects) == outcome, "\(row.state) after \(event)")
        }
    }
}
