import RedisFixture
import Tasks
import Testing

/// What a reader gets that names a place in a channel, on a real Redis.
@Suite("Reading a channel", .timeLimit(.minutes(1)))
struct ReadScriptTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let runID: String
    private let keys = ["topic:t", "ft:{topic:t}:m", "ft:{topic:t}:h"]

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
        var limits = HistoryLimits()
        limits.bytes = 8 << 20
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: limits).source)
        let info = redis.call("INFO", "server").string ?? ""
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("run_id:") }
        runID = String(line?.dropFirst("run_id:".count) ?? "")
    }

    /// Publishes `count` events of `bytes` each, none of which is a state; answers the epoch.
    private func publish(_ count: Int, of bytes: Int) -> String {
        let event = #"{"type":"note","filler":"\#(String(repeating: "x", count: bytes))"}"#
        var epoch = ""
        for _ in 0..<count {
            epoch = redis.call("FCALL", "fantail_publish", "1", "topic:t", event).list[0].string ?? ""
        }
        return epoch
    }

    /// Whether the answer is all, a part or nothing of what was asked for, and the numbers in it.
    private func read(_ epoch: String, since: Int, bytes: Int, isChannel: Bool) -> (recovered: Int?, numbers: [Int]) {
        let reply = redis.eval(
            ReadScript.text, keys: keys, [runID, epoch, "\(since)", "\(bytes)", isChannel ? "1" : ""]
        ).list
        let numbers = reply[9].list.compactMap { $0.string?.split(separator: ":")[2] }.compactMap { Int($0) }
        return (reply[2].int, numbers)
    }

    @Test("what is told of a channel without a state is after the reader's place, however little of it is left or fits")
    func leftovers() {
        let epoch = publish(10, of: 50_000)
        #expect(read(epoch, since: 7, bytes: 262_144, isChannel: true) == (1, [8, 9, 10]))
        #expect(read(epoch, since: 10, bytes: 262_144, isChannel: true) == (1, []))
        #expect(read(epoch, since: 2, bytes: 262_144, isChannel: true) == (2, [6, 7, 8, 9, 10]))
        #expect(read(epoch, since: 7, bytes: 120_000, isChannel: true) == (2, [9, 10]))
        #expect(read(epoch, since: 7, bytes: 120_000, isChannel: false) == (0, []))
        #expect(read(epoch, since: 12, bytes: 262_144, isChannel: true) == (0, []))
    }

    @Test("an epoch that the reader does not know is told from its beginning, or as much of it as fits")
    func newEpoch() {
        _ = publish(10, of: 50_000)
        #expect(read("older", since: 70, bytes: 1 << 20, isChannel: true) == (2, Array(1...10)))
        #expect(read("older", since: 70, bytes: 262_144, isChannel: true) == (2, [6, 7, 8, 9, 10]))
        #expect(read("older", since: 70, bytes: 1 << 20, isChannel: false) == (0, []))
    }
}
