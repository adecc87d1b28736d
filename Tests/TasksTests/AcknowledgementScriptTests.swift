import RedisFixture
import Events
import Tasks
import Testing

/// What of a client's messages Redis keeps, for whom and how long.
@Suite("Acknowledgement scripts", .timeLimit(.minutes(1)))
struct AcknowledgementScriptTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let key = "ft:{ack:1:u:c}"

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
    }

    private func add(_ id: String, by holder: String = "1", most: Int = 100, seconds: Int = 600) -> Int? {
        redis.eval(
            AcknowledgementScripts.add, keys: [key], [holder, id, "text\nof \(id)", "\(most)", "\(seconds)"]
        ).int
    }

    /// How many were dropped, then id, attempts and text of each.
    private func takeOver(by holder: String, seconds: Int = 600) -> [RedisSocket.Reply] {
        redis.eval(AcknowledgementScripts.takeOver, keys: [key], [holder, "\(seconds)"]).list
    }

    private func attempt(_ id: String, _ number: Int, by holder: String = "1") -> Int? {
        redis.eval(AcknowledgementScripts.attempt, keys: [key], [holder, id, "\(number)", "5"]).int
    }

    private var isThere: Bool { redis.call("EXISTS", key) == .integer(1) }

    @Test("a message is kept for ten minutes, and with its attempts whoever takes over how often")
    func kept() {
        #expect(add("a") == 1)
        #expect((599...600).contains(redis.call("TTL", key).int ?? 0))
        #expect(attempt("a", 1) == 1 && attempt("a", 2) == 2)
        for holder in 2..<12 {
            #expect(takeOver(by: "0\(holder)") == [.integer(0)], "a later holder has them")
            #expect(takeOver(by: "9\(holder)") == [.integer(0), .text("a"), .integer(2), .text("text\nof a")])
            redis.call("HSET", key, "@", "1")
        }
    }

    @Test("the fifth attempt is the last one")
    func attempts() {
        #expect(add("a") == 1 && add("b") == 1)
        for number in 1...5 { #expect(attempt("a", number) == number) }
        #expect(attempt("a", 6) == -1 && attempt("a", 6) == 0)
        #expect(attempt("b", 6) == -1 && !isThere)
    }

    @Test("only the newest connection sends them again, and adds to them")
    func holders() {
        #expect(add("a", by: "1") == 1)
        #expect(takeOver(by: "2").count == 4)
        #expect(attempt("a", 1, by: "1") == 0 && add("b", by: "1") == 0 && takeOver(by: "1") == [.integer(0)])
        #expect(attempt("a", 1, by: "2") == 1 && add("b", by: "2") == 1)
    }

    @Test("a message that is added again keeps its attempts; a hundred are kept and no more")
    func bounded() {
        for number in 0..<100 { #expect(add("\(number)") == 1) }
        #expect(attempt("7", 3) == 3)
        #expect(add("100") == 0 && add("7") == 1)
        let taken = takeOver(by: "2")
        #expect(taken.count == 301)
        let place = taken.firstIndex(of: .text("7")) ?? 0
        #expect(taken[place + 1] == .integer(3))
    }

    @Test("each is kept for its own time, however often there are newer ones, and then dropped and counted")
    func old() {
        #expect(add("a", seconds: 1) == 1)
        let start = milliseconds
        while milliseconds <= start + 500 {}
        #expect(add("b", seconds: 1) == 1)
        while milliseconds <= start + 1_100 {}
        #expect(takeOver(by: "2", seconds: 1) == [.integer(1), .text("b"), .integer(0), .text("text\nof b")])
        redis.call("HSET", key, "b", "0 1\nx", "c", "0 1\nx")
        #expect(takeOver(by: "3") == [.integer(2)] && !isThere)
    }

    @Test("what is acknowledged is gone, and with the last one everything")
    func acknowledged() {
        #expect(add("a") == 1 && add("b") == 1)
        redis.eval(AcknowledgementScripts.remove, keys: [key], ["a"])
        #expect(attempt("a", 1) == 0 && isThere)
        for _ in 0..<2 { redis.eval(AcknowledgementScripts.remove, keys: [key], ["b"]) }
        #expect(!isThere)
    }

    private var milliseconds: Int {
        let time = redis.call("TIME").list
        return (time[0].int ?? 0) * 1000 + (time[1].int ?? 0) / 1000
    }
}
