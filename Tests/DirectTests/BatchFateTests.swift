import RESP
import Testing

@testable import Direct

@Suite("What becomes of a batch that Redis did not take")
struct BatchFateTests {
    private static func reply(_ line: String) -> RedisError { .reply(RedisReplyError(line: line)) }

    private func fate(_ error: RedisError, function: String? = nil, isAlone: Bool = true) -> String {
        switch BatchFate(error, function: function, isAlone: isAlone) {
        case .sendAgain: "again"
        case .away: "away"
        case .refused: "refused"
        }
    }

    static let errors: [(error: RedisError, alone: String, amongOthers: String)] = [
        (.notReady, "again", "again"),
        (.turnedAway(RedisReplyError(line: "READONLY replica")), "again", "again"),
        (.overloaded, "away", "away"),
        (.closed, "away", "away"),
        (.lost(.ended("gone")), "away", "away"),
        (reply("MOVED 1 127.0.0.1:7000"), "again", "away"),
        (reply("ASK 1 127.0.0.1:7000"), "again", "away"),
        (reply("TRYAGAIN Multiple keys request during rehashing of slot"), "again", "away"),
        (reply("CLUSTERDOWN Hash slot not served"), "again", "away"),
        (reply("ERR Script attempted to access a non local key in a cluster node"), "away", "away"),
        (reply("LOADING dataset"), "away", "away"),
        (reply("MASTERDOWN link"), "away", "away"),
        (reply("BUSY script"), "away", "away"),
        (reply("ERR max number of clients reached"), "away", "away"),
        (reply("OOM command not allowed"), "away", "away"),
        (reply("READONLY replica"), "away", "away"),
        (reply("MISCONF save"), "away", "away"),
        (reply("NOREPLICAS few"), "away", "away"),
        (reply("FINISHED the task has ended"), "refused", "refused"),
        (reply("CROSSSLOT keys"), "refused", "refused"),
        (reply("NOPERM no"), "refused", "refused"),
        (reply("WRONGTYPE key"), "refused", "refused"),
        (reply("ERR other"), "refused", "refused"),
    ]

    @Test("one line for each error", arguments: errors)
    func everyError(_ error: RedisError, _ alone: String, _ amongOthers: String) {
        #expect(fate(error) == alone)
        #expect(fate(error, isAlone: false) == amongOthers)
        #expect(fate(error, function: "f") == alone)
    }

    @Test("what Redis said is kept, also for a batch that is sent again")
    func words() {
        let down = Self.reply("CLUSTERDOWN no")
        #expect(BatchFate(down, function: nil, isAlone: true) == .sendAgain("Redis answered: CLUSTERDOWN no"))
        #expect(BatchFate(down, function: nil, isAlone: false) == .away("Redis answered: CLUSTERDOWN no"))
        #expect(BatchFate(.notReady, function: nil, isAlone: true) == .sendAgain(nil))
        #expect(BatchFate(Self.reply("FINISHED x"), function: nil, isAlone: true) == .refused("FINISHED x"))
    }

    @Test("a login that may only call the Function is told what is missing")
    func function() {
        let absent = BatchFate(Self.reply("ERR Function not found"), function: "f", isAlone: true)
        #expect(
            absent
                == .away(
                    "this login may not load scripts, and Redis has no Function f: a node loads it when it starts"))
        let denied = BatchFate(Self.reply("NOPERM no"), function: "f", isAlone: true)
        #expect(denied == .refused("this login may not load scripts, nor call f: NOPERM no"))
        #expect(fate(Self.reply("ERR Function not found")) == "refused")
    }
}
