import RedisFixture
import Events
import Testing

@testable import Store

/// A client's messages in Redis: for which connection and how long.
@Suite("Acknowledgement scripts", .timeLimit(.minutes(1)))
struct AcknowledgementScriptTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let key = "ft:{ack:1:u:c}"

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
    }

    private func kept(_ holder: String) -> AcknowledgementsKept {
        AcknowledgementsKept(user: "u", client: "c", holder: holder, naming: .standard)
    }

    /// Whether it is kept.
    private func add(_ id: String, by holder: String = "1", most: Int = 100, seconds: Int = 600) -> Bool? {
        redis.run(
            AddAcknowledgementScript(id, Array("text\nof \(id)".utf8), in: kept(holder), most: most, seconds: seconds))
    }

    private func takeOver(by holder: String, seconds: Int = 600) -> TakeOverAcknowledgementsScript.Left? {
        redis.run(TakeOverAcknowledgementsScript(kept(holder), seconds: seconds))
    }

    /// The messages left: how many were dropped, and the others with their attempts.
    private func left(_ dropped: Int64, _ messages: (String, Int64)...) -> TakeOverAcknowledgementsScript.Left {
        .init(
            dropped: dropped,
            messages: messages.map { .init(id: $0.0, attempts: $0.1, text: Array("text\nof \($0.0)".utf8)) })
    }

    private func attempt(
        _ id: String, _ number: Int, by holder: String = "1"
    ) -> AttemptAcknowledgementScript.Verdict? {
        redis.run(AttemptAcknowledgementScript(number, of: 5, id, in: kept(holder)))
    }

    private func acknowledge(_ id: String) { redis.run(RemoveAcknowledgementScript(id, in: kept("1"))) }

    private var isThere: Bool { redis.call("EXISTS", key) == .integer(1) }

    @Test("a message is kept for ten minutes, with its attempts, however often it is taken over")
    func kept() {
        #expect(add("a") == true)
        #expect((599...600).contains(redis.call("TTL", key).int ?? 0))
        #expect(attempt("a", 1) == .send && attempt("a", 2) == .send)
        for holder in 2..<12 {
            #expect(takeOver(by: "0\(holder)") == left(0), "a later holder has them")
            #expect(takeOver(by: "9\(holder)") == left(0, ("a", 2)))
            redis.call("HSET", key, "@", "1")
        }
    }

    @Test("the fifth attempt is the last one")
    func attempts() {
        #expect(add("a") == true && add("b") == true)
        for number in 1...5 { #expect(attempt("a", number) == .send) }
        #expect(attempt("a", 6) == .dropped && attempt("a", 6) == .settled)
        #expect(attempt("b", 6) == .dropped && !isThere)
    }

    @Test("only the newest connection sends messages again, and adds some")
    func holders() {
        #expect(add("a", by: "1") == true)
        #expect(takeOver(by: "2")?.messages.count == 1)
        #expect(attempt("a", 1, by: "1") == .settled && add("b", by: "1") == false && takeOver(by: "1") == left(0))
        #expect(attempt("a", 1, by: "2") == .send && add("b", by: "2") == true)
    }

    @Test("a message that is added again keeps its attempts; a hundred are kept and no more")
    func bounded() {
        for number in 0..<100 { #expect(add("\(number)") == true) }
        #expect(attempt("7", 3) == .send)
        #expect(add("100") == false && add("7") == true)
        let taken = takeOver(by: "2")?.messages ?? []
        #expect(taken.count == 100)
        #expect(taken.first { $0.id == "7" }?.attempts == 3)
    }

    @Test("each is kept for its own time, however often there are newer ones, and then dropped and counted")
    func old() {
        #expect(add("a", seconds: 1) == true)
        let start = milliseconds
        while milliseconds <= start + 500 {}
        #expect(add("b", seconds: 1) == true)
        while milliseconds <= start + 1_100 {}
        #expect(takeOver(by: "2", seconds: 1) == left(1, ("b", 0)))
        redis.call("HSET", key, "b", "0 1\nx", "c", "0 1\nx")
        #expect(takeOver(by: "3") == left(2) && !isThere)
    }

    @Test("an acknowledged message is gone, and with the last one the key")
    func acknowledged() {
        #expect(add("a") == true && add("b") == true)
        acknowledge("a")
        #expect(attempt("a", 1) == .settled && isThere)
        for _ in 0..<2 { acknowledge("b") }
        #expect(!isThere)
    }

    private var milliseconds: Int { redis.milliseconds }
}
