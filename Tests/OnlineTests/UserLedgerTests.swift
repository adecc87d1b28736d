import Testing

@testable import Online

@Suite("Who is connected on a loop, and what Redis may not have of it")
struct UserLedgerTests {
    private typealias Ledger = UserLedger<Int>
    private var ledger = Ledger(chunk: 2)
    private var random = SystemRandomNumberGenerator()

    private func entries(_ writes: [Ledger.Write]) -> [[Ledger.Write.Entry]] { writes.map(\.entries) }
    private func entry(_ user: String, _ connections: Int) -> Ledger.Write.Entry {
        Ledger.Write.Entry(user: user, connections: connections)
    }

    @Test("nothing is written before somebody has come")
    mutating func nothing() {
        #expect(!ledger.hasDue)
        #expect(ledger.takeDue(at: 0).isEmpty)
    }

    @Test("a change is written once, as the number that it has led to")
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

    @Test("connections of nobody are written, too")
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

    @Test("many users are several writes, each with those who wait for it")
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

    @Test("all are written with those first that Redis may not have: they alone are news")
    mutating func all() {
        ledger.join("old")
        _ = ledger.takeDue(at: 0)
        ledger.join("new")
        let writes = ledger.takeAll(at: 0) ?? []
        #expect(entries(writes) == [[entry("new", 1)], [entry("old", 1)]])
        #expect(writes.map(\.isRepeated) == [false, true])
        #expect(!ledger.hasDue)
    }

    @Test("what Redis refuses is written after a pause, and all of it where all was refused")
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

    @Test("what was repeated and is refused is repeated, and still no news")
    mutating func repeated() {
        ledger.join("anna")
        _ = ledger.takeDue(at: 0)
        let write = (ledger.takeAll(at: 0) ?? []).last!
        #expect(write.isRepeated)
        ledger.didFail(write, at: 0, using: &random)
        #expect(ledger.mustWriteAll)
        #expect(ledger.takeAll(at: 10_000)?.last?.isRepeated == true)
    }

    @Test("what Redis did not know the loop for is written again without a pause")
    mutating func lost() {
        ledger.join("anna")
        ledger.didLose(ledger.takeDue(at: 0)[0])
        #expect(!ledger.isPausing(at: 0))
        #expect(entries(ledger.takeDue(at: 0)) == [[entry("anna", 1)]])
    }

    @Test("a user that is stored and is not here is taken out; one that is here is not new")
    mutating func doubted() {
        ledger.join("here")
        _ = ledger.takeDue(at: 0)
        ledger.doubt("here")
        #expect(!ledger.hasDue)
        ledger.doubt("gone")
        #expect(entries(ledger.takeDue(at: 0)) == [[entry("gone", 0)]])
    }

    @Test("those who wait for nobody to count them can be answered")
    mutating func waiting() {
        ledger.join("anna")
        ledger.wait(1, for: "anna")
        ledger.wait(2, for: "anna")
        #expect(ledger.takeWaiting() == [1, 2])
        #expect(ledger.takeDue(at: 0)[0].waiters == [[]])
    }
}
