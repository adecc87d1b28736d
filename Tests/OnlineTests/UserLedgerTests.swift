import Testing

@testable import Online

@Suite("The users of a loop, and the counts that Redis may not have")
struct UserLedgerTests {
    private typealias Ledger = UserLedger<Int>
    private var ledger = Ledger(chunk: 2)
    private var random = SystemRandomNumberGenerator()

    private func entries(_ writes: [Ledger.Write]) -> [[Ledger.Write.Entry]] { writes.map(\.entries) }
    private func entry(_ user: String, _ connections: Int) -> Ledger.Write.Entry {
        Ledger.Write.Entry(user: user, connections: connections)
    }

    @Test("nothing is written before a user connects")
    mutating func nothing() {
        #expect(!ledger.hasDue)
        #expect(ledger.takeDue(at: 0).isEmpty)
    }

    @Test("a change is written once, as the resulting number")
    mutating func changes() {
        ledger.join("anna")
        ledger.join("anna")
        #expect(entries(ledger.takeDue(at: 0)) == [[entry("anna", 2)]])
        #expect(ledger.takeDue(at: 0).isEmpty)
        let wasLast = [ledger.leave("anna"), ledger.leave("anna"), ledger.leave("anna")]
        #expect(wasLast == [false, true, false])
        #expect(entries(ledger.takeDue(at: 0)) == [[entry("anna", 0)]])
        #expect(ledger.users.isEmpty)
    }

    @Test("connections without a user are written, too")
    mutating func connections() {
        ledger.didConnect()
        #expect(ledger.hasDue)
        let writes = ledger.takeDue(at: 0)
        #expect(entries(writes) == [[]])
        #expect(writes.map(\.connections) == [1])
        ledger.didDisconnect()
        #expect(ledger.takeDue(at: 0).map(\.connections) == [0])
        #expect(!ledger.hasDue)
    }

    @Test("many users take several writes, each with its waiters")
    mutating func chunks() {
        for (waiter, user) in ["a", "b", "c", "d", "e"].enumerated() {
            ledger.join(user)
            ledger.wait(waiter, for: user)
        }
        let writes = ledger.takeDue(at: 0)
        #expect(writes.map(\.entries.count) == [2, 2, 1])
        #expect(writes.flatMap { $0.waiters.joined() }.sorted() == [0, 1, 2, 3, 4])
        #expect(ledger.takeWaiting().isEmpty)
        for write in writes {
            for (entry, waiters) in zip(write.entries, write.waiters) {
                #expect(waiters.map { ["a", "b", "c", "d", "e"][$0] } == [entry.user])
            }
        }
    }

    @Test("all are written, first those that Redis may not have: only these are announced")
    mutating func all() {
        ledger.join("old")
        _ = ledger.takeDue(at: 0)
        ledger.join("new")
        let writes = ledger.takeAll(at: 0) ?? []
        #expect(entries(writes) == [[entry("new", 1)], [entry("old", 1)]])
        #expect(writes.map(\.isRepeated) == [false, true])
        #expect(!ledger.hasDue)
    }

    @Test("refused counts are written after a pause, all of them where all were refused")
    mutating func refused() {
        ledger.join("anna")
        let write = ledger.takeDue(at: 0)[0]
        ledger.didFail(write, at: 0, using: &random)
        #expect(ledger.isPausing(at: 0))
        #expect(ledger.takeDue(at: 0).isEmpty)
        #expect(ledger.takeAll(at: 0) == nil)
        #expect(ledger.mustWriteAll)
        #expect(entries(ledger.takeAll(at: 10_000) ?? []) == [[entry("anna", 1)]])
        #expect(!ledger.mustWriteAll)
    }

    @Test("a refused repetition is repeated, and still not announced")
    mutating func repeated() {
        ledger.join("anna")
        _ = ledger.takeDue(at: 0)
        let write = (ledger.takeAll(at: 0) ?? []).last!
        #expect(write.isRepeated)
        ledger.didFail(write, at: 0, using: &random)
        #expect(ledger.mustWriteAll)
        #expect(ledger.takeAll(at: 10_000)?.last?.isRepeated == true)
    }

    @Test("counts refused because Redis did not know the loop are written again without a pause")
    mutating func lost() {
        ledger.join("anna")
        ledger.didLose(ledger.takeDue(at: 0)[0])
        #expect(!ledger.isPausing(at: 0))
        #expect(entries(ledger.takeDue(at: 0)) == [[entry("anna", 1)]])
    }

    @Test("a stored user that the loop does not have is removed; one that it has is not new")
    mutating func doubted() {
        ledger.join("here")
        _ = ledger.takeDue(at: 0)
        ledger.doubt("here")
        #expect(!ledger.hasDue)
        ledger.doubt("gone")
        #expect(entries(ledger.takeDue(at: 0)) == [[entry("gone", 0)]])
    }

    @Test("waiters can be answered while nobody counts them")
    mutating func waiting() {
        ledger.join("anna")
        ledger.wait(1, for: "anna")
        ledger.wait(2, for: "anna")
        #expect(ledger.takeWaiting() == [1, 2])
        #expect(ledger.takeDue(at: 0)[0].waiters == [[]])
    }
}
