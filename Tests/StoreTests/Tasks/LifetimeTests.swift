import RedisFixture
import Testing

@testable import Store

/// How long Redis keeps a task after an event, and which events set that time.
@Suite("The life of a task's keys", .timeLimit(.minutes(1)))
struct LifetimeTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let keys = ["ft:{task:t}:m", "ft:{task:t}:h"]
    private let seconds = 1600

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
        let limits = HistoryLimits(timeToLive: seconds)
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: limits).source)
    }

    private func publish() {
        #expect(redis.call("FCALL", "fantail_publish", "1", "task:t", #"{"progress":1}"#).list.count == 3)
    }

    /// Whether both keys have just been given their time, which is a sixteenth longer than promised.
    private var areLengthened: Bool {
        keys.allSatisfy { (1_690...1_700).contains(redis.call("TTL", $0).int ?? 0) }
    }

    private func shorten() { for key in keys { redis.call("EXPIRE", key, "1000") } }

    /// Makes the next event find keys that Redis deletes so many milliseconds from now.
    private func setDeletion(in milliseconds: Int) {
        redis.call("HSET", keys[0], "xp", "\(redis.milliseconds + milliseconds)")
    }

    @Test("the first event sets it, and the next one does not need to")
    func first() {
        publish()
        #expect(areLengthened)
        shorten()
        publish()
        for key in keys { #expect((990...1000).contains(redis.call("TTL", key).int ?? 0)) }
    }

    @Test("an event sets it when less than the time is left, or more than an event ever sets")
    func due() {
        publish()
        for left in [0, -1_000, seconds * 1000 - 1, seconds * 1000 + 200_000] {
            shorten()
            setDeletion(in: left)
            publish()
            #expect(areLengthened, "\(left)")
        }
        shorten()
        setDeletion(in: seconds * 1000 + 50_000)
        publish()
        #expect(!areLengthened)
    }

    @Test("a history that is a new key gets it as well: after a new epoch, and after it was deleted")
    func newHistory() {
        publish()
        redis.call("DEL", keys[1])
        publish()
        #expect(areLengthened)
        shorten()
        redis.call("HSET", keys[0], "rid", "another")
        publish()
        #expect(areLengthened)
    }

    @Test(
        "whatever somebody else wrote as the time of the deletion",
        arguments: [
            "", "-1", "0", "abc", "nan", "inf", "-inf", "1e400", "0x7fffffffffffffff", "9007199254740993",
            "9223372036854775808", "18446744073709551616", "1000000000000000000000000000000", " 1",
        ])
    func hostile(_ text: String) {
        publish()
        shorten()
        redis.call("HSET", keys[0], "xp", text)
        publish()
        #expect(areLengthened)
    }
}
