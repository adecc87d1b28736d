import Events
import Dialects
import RESP
import Redis
import Store
import Testing

@testable import Sessions

/// Anybody with access to Redis may have written these numbers.
@Suite("Numbers out of Redis")
struct OutsideNumberTests {
    private static let edges: [Int64] = [
        .min, .min + 1, -1, 0, 1, 1 << 31 - 1, 1 << 31, 1 << 53, 1 << 53 + 1, .max - 1, .max,
    ]

    @Test("a message taken over has had from none to all of its attempts", arguments: edges)
    func attempts(_ number: Int64) {
        var redelivery = Redelivery(delays: [1, 2, 3], most: 10)
        redelivery.takeOver("m", [1], attempts: Int(number), storedIn: nil)
        #expect((0...3).contains(redelivery["m"]?.attempts ?? -1))
        for now in [UInt64(0), 10, 20] {
            redelivery.collectDue(now: now)
            while redelivery.hasTurn {
                guard let turn = redelivery.nextTurn() else { continue }
                _ = redelivery.settle(turn, .send, now: now)
            }
        }
    }

}
