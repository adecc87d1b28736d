import RESP
import Events
import Dialects
import RedisFixture
import Testing

@testable import Store

/// Reading from a position in a channel, on a real Redis.
@Suite("Reading a channel", .timeLimit(.minutes(1)))
struct ReadScriptTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let runID: String
    private let keys = ["ft:{topic:t}:m", "ft:{topic:t}:h"]

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
        var limits = HistoryLimits()
        limits.bytes = 8 << 20
        limits.entries = 5_000
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: limits).source)
        runID = redis.runID
    }

    /// Publishes `count` events of `bytes` each, none of which is a state; returns the epoch.
    private func publish(_ count: Int, of bytes: Int) -> String {
        let event = #"{"type":"note","filler":"\#(String(repeating: "x", count: bytes))"}"#
        var epoch = ""
        for _ in 0..<count {
            epoch = redis.call("FCALL", "fantail_publish", "1", "topic:t", event).list[0].string ?? ""
        }
        return epoch
    }

    /// Whether no event before the answer is lost, and the numbers in it.
    private func read(_ epoch: String, since: String, bytes: Int = .max, isChannel: Bool = true) -> [Int] {
        let reply = redis.eval(
            ReadScript.script.text, keys: keys, [runID, epoch, since, "\(bytes)", isChannel ? "1" : ""]
        ).list
        let numbers = reply[9].list.compactMap { $0.string?.split(separator: ":")[2] }.compactMap { Int($0) }
        return [reply[2].int ?? -1] + numbers
    }

    /// The bytes of so many events with the bytes around them, and a little more.
    private func room(for count: Int, of bytes: Int) -> Int { count * (bytes + EventLimits.bytesAroundEvent + 100) }

    @Test("events after a position are answered oldest first, as many as there is room for, and at least one")
    func portions() {
        let epoch = publish(40, of: 20_000)
        #expect(read(epoch, since: "37") == [1, 38, 39, 40])
        #expect(read(epoch, since: "40") == [1])
        #expect(read(epoch, since: "2", bytes: room(for: 5, of: 20_000)) == [1, 3, 4, 5, 6, 7])
        #expect(read(epoch, since: "0", bytes: room(for: 20, of: 20_000)) == [1] + Array(1...20))
        #expect(read(epoch, since: "2", bytes: 0) == [1, 3])
        #expect(read(epoch, since: "39", bytes: 0) == [1, 40])
    }

    @Test("the bytes around small events count, too")
    func smallEvents() {
        let epoch = publish(2_000, of: 1)
        let count = read(epoch, since: "0", bytes: 262_144).count - 1
        #expect((700...900).contains(count))
    }

    @Test("where the beginning is lost, the rest is answered, marked as incomplete")
    func trimmed() {
        let epoch = publish(10, of: 10)
        redis.call("LTRIM", "ft:{topic:t}:h", "4", "-1")
        #expect(read(epoch, since: "2") == [0, 5, 6, 7, 8, 9, 10])
        #expect(read(epoch, since: "2", bytes: 0) == [0, 5])
        #expect(read(epoch, since: "4") == [1, 5, 6, 7, 8, 9, 10])
        redis.call("DEL", "ft:{topic:t}:h")
        #expect(read(epoch, since: "2") == [0])
        #expect(read(epoch, since: "10") == [1])
    }

    @Test("a number that was never stored hides no other")
    func hole() {
        let epoch = publish(40, of: 10)
        redis.call("LREM", "ft:{topic:t}:h", "1", redis.call("LINDEX", "ft:{topic:t}:h", "29").string ?? "")
        #expect(read(epoch, since: "3") == [1] + Array(4...29) + Array(31...40))
        #expect(read(epoch, since: "28") == [1, 29] + Array(31...40))
        #expect(read(epoch, since: "29") == [0] + Array(31...40))
    }

    @Test(
        "a place that is none of the channel's is answered with nothing", arguments: [true, false])
    func noPlace(_ isChannel: Bool) {
        let epoch = publish(3, of: 10)
        for since in ["4", "9007199254740993", "18446744073709551615", "", "x", "1e400"] {
            #expect(read(epoch, since: since, isChannel: isChannel) == [0], "\(since)")
        }
    }

    @Test("an unknown epoch is answered from its beginning, where the reader asks for that")
    func newEpoch() {
        _ = publish(10, of: 20_000)
        #expect(read("older", since: "70") == [0] + Array(1...10))
        #expect(read("older", since: "70", bytes: room(for: 4, of: 20_000)) == [0, 1, 2, 3, 4])
        #expect(read("older", since: "70", isChannel: false) == [0])
    }

    @Test("of any epoch: the events after the number, or all where there is none")
    func anyEpoch() {
        _ = publish(5, of: 10)
        #expect(read(ReadScript.anyEpoch, since: "3") == [1, 4, 5])
        #expect(read(ReadScript.anyEpoch, since: "9") == [0, 1, 2, 3, 4, 5])
        #expect(read(ReadScript.anyEpoch, since: "0") == [1, 1, 2, 3, 4, 5])
    }
}
