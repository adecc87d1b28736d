import Testing

@testable import Online

@Suite("Viewers in Redis")
struct ViewerLedgerTests {
    private typealias Ledger = ViewerLedger<String>
    private static let long: UInt64 = 10_000

    /// The write for `a` when it has `viewers`.
    private func write(_ ledger: inout Ledger, _ viewers: Int, at now: UInt64 = 0) -> Ledger.Write? {
        ledger.didChange("a")
        return ledger.take(atMost: 10, at: now) { _ in viewers }.first
    }

    private func fail(_ ledger: inout Ledger, _ write: Ledger.Write, at now: UInt64 = 0) {
        var random = SystemRandomNumberGenerator()
        ledger.didFail(write, at: now, using: &random)
    }

    @Test("writes a number once, and nothing for a task that was never watched")
    func once() {
        var ledger = Ledger()
        #expect(write(&ledger, 0) == nil)
        let two = write(&ledger, 2)
        #expect(two?.viewers == 2)
        ledger.didWrite(two!)
        #expect(write(&ledger, 2) == nil)
        #expect(write(&ledger, 0)?.viewers == 0)
    }

    @Test("writes a zero again that was refused")
    func zero() {
        var ledger = Ledger()
        ledger.didWrite(write(&ledger, 1)!)
        fail(&ledger, write(&ledger, 0)!)
        let again = ledger.take(atMost: 10, at: Self.long) { _ in 0 }
        #expect(again.map(\.viewers) == [0])
        ledger.didWrite(again[0])
        #expect(write(&ledger, 0, at: Self.long) == nil)
    }

    @Test("writes a zero after a one whose answer is lost")
    func zeroAfterDoubt() {
        var ledger = Ledger()
        fail(&ledger, write(&ledger, 1)!)
        #expect(write(&ledger, 0, at: Self.long)?.viewers == 0)
    }

    @Test("writes nothing of a task while a write of it is under way, and then the newest number")
    func oneAtATime() {
        var ledger = Ledger()
        let first = write(&ledger, 5)!
        #expect(write(&ledger, 3) == nil && ledger.hasDue)
        ledger.didWrite(first)
        let second = ledger.take(atMost: 10, at: 0) { _ in 2 }
        #expect(second.map(\.viewers) == [2])
        #expect(write(&ledger, 0) == nil && ledger.hasDue)
        fail(&ledger, second[0])
        #expect(ledger.take(atMost: 10, at: Self.long) { _ in 0 }.map(\.viewers) == [0])
    }

    @Test("ignores the answer to a write from before the stored counts were doubted")
    func doubtMeanwhile() {
        var ledger = Ledger()
        let first = write(&ledger, 5)!
        ledger.doubtAll(watched: ["a"])
        #expect(ledger.take(atMost: 10, at: 0) { _ in 5 }.isEmpty)
        ledger.didWrite(first)
        #expect(ledger.take(atMost: 10, at: 0) { _ in 5 }.map(\.viewers) == [5])
    }

    @Test("writes all again in doubt, also tasks without viewers")
    func doubt() {
        var ledger = Ledger()
        ledger.didWrite(write(&ledger, 1)!)
        ledger.doubtAll(watched: ["b"])
        let writes = ledger.take(atMost: 10, at: 0) { $0 == "b" ? 4 : 0 }
        #expect(Set(writes.map { "\($0.task)\($0.viewers)" }) == ["a0", "b4"])
    }

    @Test("takes so many at a time, and the newest number of each")
    func bounded() {
        var ledger = Ledger()
        for number in 0..<25 { ledger.didChange("t\(number)") }
        let counts = [10, 10, 5].map { expected in ledger.take(atMost: 10, at: 0) { _ in 1 }.count == expected }
        #expect(counts == [true, true, true] && !ledger.hasDue)
    }
}

@Suite("Writes that Redis may not have")
struct DueWritesTests {
    private var random = SystemRandomNumberGenerator()

    @Test("pauses after a refusal, longer each time, never longer than five seconds, and not at all after a success")
    mutating func pause() {
        var due = DueWrites<Int>()
        var now: UInt64 = 1_000
        for round in 0..<20 {
            due.insert(1)
            #expect(due.take(at: now) == [1])
            due.didFail([1], at: now, using: &random)
            let pause = due.pause(at: now)
            #expect(pause >= 50 && pause <= min(5_000, 100 << UInt64(round)))
            #expect(due.take(at: now + pause - 1).isEmpty)
            now += pause
        }
        _ = due.take(at: now)
        due.didSucceed()
        due.didFail([1], at: now, using: &random)
        #expect(due.pause(at: now) <= 100)
    }

    @Test("counts writes that fail together as one refusal, and writes each once")
    mutating func together() {
        var due = DueWrites<Int>()
        due.insert(0..<100)
        _ = due.take(at: 0)
        for number in 0..<100 { due.didFail([number], at: 0, using: &random) }
        #expect(due.pause(at: 0) <= 100)
        due.insert(0..<100)
        #expect(due.take(at: 100).count == 100 && due.isEmpty)
    }
}
