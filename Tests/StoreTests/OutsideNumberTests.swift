import Events
import RESP
import Testing

@testable import Store

/// Anybody with access to Redis may have written these numbers.
@Suite("Numbers in replies")
struct OutsideNumberTests {
    private static let edges: [Int64] = [
        .min, .min + 1, -1, 0, 1, 1 << 31 - 1, 1 << 31, 1 << 53, 1 << 53 + 1, .max - 1, .max,
    ]
    private let task = ChannelName.task(Identifier("t")!)

    @Test("a wait for a third party is at least a moment", arguments: edges)
    func waits(_ number: Int64) {
        let script = BeginInquiryScript(task, token: "t", milliseconds: 1, isEager: false, naming: .standard)
        guard case .wait(let milliseconds)? = script.reply(.array([.bulk(Array("wait".utf8)), .integer(number)])) else {
            return #expect(Bool(false))
        }
        #expect(milliseconds >= 1)
    }

    @Test(
        "a channel's answer whose sequence is below nothing is that of a channel never published to", arguments: edges)
    func answers(_ number: Int64) {
        let place = ReadScript.Place(since: nil, bytes: 0, newEpoch: false)
        let script = ReadScript(task, from: place, runID: "r", naming: .standard)
        let fields = [RedisValue.bulk(Array("e1".utf8))] + Array(repeating: .integer(number), count: 18)
        #expect(
            script.reply(.array(fields))?.answer.top
                == (number < 0 ? nil : Position(epoch: "e1", sequence: UInt64(number))))
    }

    @Test("every number of every reply may have any value", arguments: edges)
    func all(_ number: Int64) {
        let keys = PresenceKeys(.standard)
        for value in [RedisValue.integer(number), .array(Array(repeating: .integer(number), count: 6))] {
            _ = HeartbeatScript("a", users: 1, connections: 1, leaseMilliseconds: 1, keys: keys).reply(value)
            _ = ListUsersScript(after: nil, count: 1, keys: keys).reply(value)
            _ = ListLoopsScript(keys: keys).reply(value)
            _ = UserStatusScript(of: "a", keys: keys).reply(value)
            _ = StoredPosition(of: task, naming: .standard).reply(value)
            _ = KeepSecretsScript(of: task, naming: .standard).reply(value)
            _ = PublishReceipt(value)
        }
    }
}
