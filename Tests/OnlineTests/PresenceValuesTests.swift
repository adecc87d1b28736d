import Dialects
import Testing

@testable import Online

@Suite("When clients of presence are told the count again")
struct CountNewsTests {
    private var news = CountNews()

    @Test("not without a cause")
    mutating func quiet() {
        let isTelling = news.ask()
        #expect(!isTelling)
        let first = news.receive(unannounced: 5, isTelling: isTelling, isBroadcasting: true)
        let second = news.receive(unannounced: 5, isTelling: false, isBroadcasting: true)
        #expect(!first && !second)
    }

    @Test("with the answer to the next heartbeat, not to one under way; again where that fails")
    mutating func cause() {
        let before = news.ask()
        news.mayBeWrong()
        let underWay = news.receive(unannounced: 0, isTelling: before, isBroadcasting: true)
        #expect(!underWay)
        let next = news.ask()
        #expect(next)
        let meanwhile = news.ask()
        #expect(!meanwhile)
        news.didFail(isTelling: meanwhile)
        let none = news.ask()
        #expect(!none)
        news.didFail(isTelling: next)
        let again = news.ask()
        #expect(again)
        let told = news.receive(unannounced: 0, isTelling: again, isBroadcasting: false)
        #expect(told)
    }

    @Test("after unannounced changes, once, as soon as there are few enough users")
    mutating func unannounced() {
        _ = news.receive(unannounced: 5, isTelling: false, isBroadcasting: true)
        let many = news.receive(unannounced: 6, isTelling: false, isBroadcasting: false)
        let few = news.receive(unannounced: 6, isTelling: false, isBroadcasting: true)
        let once = news.receive(unannounced: 6, isTelling: false, isBroadcasting: true)
        #expect([many, few, once] == [false, true, false])
    }
}

@Suite("Statuses of users")
struct StatusLedgerTests {
    private var ledger = StatusLedger()

    private func entry(_ user: String, _ status: PresenceStatus, _ at: Int64?) -> StatusLedger.Entry {
        StatusLedger.Entry(user: user, status: status, milliseconds: at)
    }

    @Test("are written when set, and after a loss with the time at which they were first set")
    mutating func said() {
        let entries = ledger.set(.away, of: "anna")
        #expect(entries == [entry("anna", .away, nil)])
        ledger.receive(times: [100], of: entries)
        #expect(ledger.takeDue(chunk: 10).isEmpty)
        ledger.doubtAll()
        #expect(ledger.takeDue(chunk: 10) == [[entry("anna", .away, 100)]])
    }

    @Test("are tried again where Redis was away, or does not count the user yet", arguments: [[], [nil]] as [[Int64?]])
    func refused(_ times: [Int64?]) {
        var ledger = StatusLedger()
        ledger.receive(times: times, of: ledger.set(.busy, of: "anna"))
        #expect(ledger.takeDue(chunk: 10) == [[entry("anna", .busy, nil)]])
        #expect(ledger.takeDue(chunk: 10).isEmpty)
    }

    @Test("have the time of the last one, not of an earlier one")
    mutating func overtaken() {
        let first = ledger.set(.away, of: "anna")
        let second = ledger.set(.busy, of: "anna")
        ledger.receive(times: [100], of: first)
        ledger.doubtAll()
        #expect(ledger.takeDue(chunk: 10) == [[entry("anna", .busy, nil)]])
        ledger.receive(times: [200], of: second)
        ledger.doubtAll()
        #expect(ledger.takeDue(chunk: 10) == [[entry("anna", .busy, 200)]])
    }

    @Test("are dropped with the user's last connection, also while being written")
    mutating func forgotten() {
        let entries = ledger.set(.away, of: "anna")
        ledger.forget("anna")
        ledger.receive(times: [], of: entries)
        ledger.doubtAll()
        #expect(ledger.takeDue(chunk: 10).isEmpty)
    }

    @Test("are written in chunks")
    mutating func parts() {
        for user in ["a", "b", "c"] { _ = ledger.set(.away, of: user) }
        ledger.doubtAll()
        #expect(ledger.takeDue(chunk: 2).map(\.count) == [2, 1])
    }
}

@Suite("Dead loops are reaped one after the other")
struct DeadLoopsTests {
    @Test("a loop repeatedly while there is more of it, then the next, then none")
    func order() {
        var dead = DeadLoops()
        #expect(!dead.isBusy)
        var taken = [dead.begin(["a", "b"])]
        for hasMore in [true, false, true, false] { taken.append(dead.didTakeOut(hasMore: hasMore)) }
        #expect(taken == ["a", "a", "b", "b", nil])
        #expect(!dead.isBusy)
    }

    @Test("none where none is found")
    func none() {
        var dead = DeadLoops()
        let first = dead.begin([])
        #expect(first == nil && !dead.isBusy)
    }
}
