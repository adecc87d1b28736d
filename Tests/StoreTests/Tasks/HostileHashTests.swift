import RESP
import RedisFixture
import Events
import Testing

@testable import Store

/// Publishing and reading where somebody else has written into a task's hash, on a real Redis.
@Suite("Numbers in a task's hash", .timeLimit(.minutes(1)))
struct HostileHashTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let runID: String
    private let keys = ["ft:{task:t}:m", "ft:{task:t}:h"]

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: HistoryLimits()).source)
        runID = redis.runID
    }

    private static let numbers = [
        "", "-1", "-0", "0.5", "1.5", "abc", "nan", "inf", "1e3", "1e30", "0x10", "+1", " 1", "9007199254740991",
        "9007199254740992",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615",
        "18446744073709551616",
        "1000000000000000000000000000000", "-9223372036854775808", "-9223372036854775809",
    ]

    private func publish() -> (epoch: String?, sequence: Int?) {
        let reply = redis.call("FCALL", "fantail_publish", "1", "task:t", #"{"progress":1}"#).list
        return reply.count == 3 ? (reply[0].string, reply[1].int) : (nil, nil)
    }

    private func read(_ epoch: String, since: String) -> [RedisSocket.Reply] {
        redis.eval(ReadScript.script.text, keys: keys, [runID, epoch, since, "262144", "1"]).list
    }

    /// The contents of the hash and of the newest envelope.
    private func expectCounted(_ sequence: Int, in epoch: String) {
        #expect(redis.call("HGET", keys[0], "s").string == "\(sequence)")
        let envelope = redis.call("LINDEX", keys[1], "-1").string ?? ""
        #expect(envelope.hasPrefix("\u{1}ft1:\(epoch):\(sequence):"), "\(envelope)")
        let bytes = redis.call("LRANGE", keys[1], "0", "-1").list.reduce(0) { $0 + ($1.string?.utf8.count ?? 0) }
        #expect(redis.call("HGET", keys[0], "hb").int == bytes)
    }

    @Test("an invalid last number begins a new epoch with the next event", arguments: numbers)
    func lastNumber(_ number: String) {
        let before = publish().epoch
        redis.call("HSET", keys[0], "s", number)
        let (epoch, sequence) = publish()
        #expect(epoch != before && sequence == 1)
        expectCounted(1, in: epoch ?? "")
    }

    @Test("so does an invalid number of bytes", arguments: numbers)
    func historyBytes(_ number: String) {
        let before = publish().epoch
        redis.call("HSET", keys[0], "hb", number)
        let (epoch, sequence) = publish()
        #expect(epoch != before && sequence == 1)
        expectCounted(1, in: epoch ?? "")
    }

    @Test("and when it is read", arguments: numbers)
    func reading(_ number: String) {
        let before = publish().epoch ?? ""
        redis.call("HSET", keys[0], "s", number)
        #expect(read(before, since: "1").map(\.int) == [0])
        #expect(redis.eval(EpochScript.script.text, keys: keys, [runID]).int == 1)
        #expect(redis.eval(EpochScript.script.text, keys: keys, [runID]).int == 0)
        let answer = read(before, since: "1")
        #expect(answer.count == 19 && answer[0].string != before && answer[1].int == 0)
        #expect(answer[3].string == #"{"progress":1}"#)
    }

    @Test("valid numbers go on counting", arguments: [1, 1 << 31, 1 << 32, 9_007_199_253_999_998])
    func countable(_ number: Int) {
        let before = publish().epoch ?? ""
        redis.call("HSET", keys[0], "s", "\(number)")
        #expect(publish() == (before, number + 1))
        expectCounted(number + 1, in: before)
        #expect(read(before, since: "\(number)")[2].int == 1)
    }

    @Test(
        "a reader's number beyond the last is out of reach",
        arguments: [
            "2", "2147483648", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615",
        ])
    func beyond(_ since: String) {
        let epoch = publish().epoch ?? ""
        let answer = read(epoch, since: since)
        #expect(answer[1].int == 1 && answer[2].int == 0 && answer[9].list.isEmpty)
    }
}
