import Events
import Dialects
import Testing

@testable import Hub

@Suite("ChannelSync")
struct ChannelSyncTests {
    private func at(_ sequence: UInt64, _ epoch: String = "e1") -> Position {
        Position(epoch: epoch, sequence: sequence)
    }

    private func receive(_ sync: inout ChannelSync, _ position: Position?, _ text: String = "x") -> ChannelSync.Verdict
    {
        Array(text.utf8).withUnsafeBytes { sync.receive(position, payload: $0) }
    }

    /// A subscribed and read channel, which stands at `top`.
    private func live(at top: Position?) -> ChannelSync {
        var sync = ChannelSync()
        sync.didSubscribe()
        _ = read(&sync, since: nil, top: top)
        return sync
    }

    /// Answers a read: by default of the events after the position.
    private func read(
        _ sync: inout ChannelSync, since: Position?, top: Position?, entries: [Position?] = []
    ) -> ChannelSync.Found {
        sync.didRead(ChannelSync.Answer(since: since, top: top, entries: entries))
    }

    /// As ``read(_:since:top:entries:)`` from the channel's position; returns the waiting messages.
    private func read(_ sync: inout ChannelSync, top: Position?, entries: ClosedRange<UInt64>? = nil)
        -> [ChannelSync.Waiting]
    {
        let epoch = top?.epoch ?? ""
        return read(&sync, since: sync.position, top: top, entries: entries?.map { at($0, epoch) } ?? []).waiting
    }

    /// The steps: each entry's index or waiting message's number, and how many are lost before it.
    private func told(_ found: ChannelSync.Found) -> [String] {
        found.steps.map { step in
            let gap = step.missed > 0 ? "-\(step.missed) " : ""
            switch step.item {
            case .entry(let index): return gap + "entry \(index)"
            case .waiting(let message): return gap + "waiting \(message.position!.sequence)"
            }
        } + (found.missedAtEnd > 0 ? ["-\(found.missedAtEnd)"] : [])
    }

    @Test("messages before the read wait and come out in order; those in the answer are dropped")
    func waitsForRead() {
        var sync = ChannelSync()
        #expect(receive(&sync, at(4)) == .wait)
        sync.didSubscribe()
        #expect(receive(&sync, at(5)) == .wait)
        #expect(receive(&sync, nil) == .wait)
        #expect(receive(&sync, at(6)) == .wait)
        let waiting = read(&sync, top: at(5))
        let verdicts = waiting.map { sync.admit($0) }
        #expect(verdicts == [.drop, .drop, .deliver, .deliver])
        #expect(sync.position == at(6))
    }

    @Test("the next in order is delivered, a repetition is dropped, a plain event passes without moving")
    func liveStream() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(6)) == .deliver)
        #expect(receive(&sync, at(6)) == .drop)
        #expect(receive(&sync, nil) == .deliver)
        #expect(sync.position == at(6))
    }

    @Test("a first event ever is delivered, any other number on an unpublished channel is a gap")
    func unpublished() {
        var sync = live(at: nil)
        var late = sync
        #expect(receive(&sync, at(1)) == .deliver)
        #expect(receive(&late, at(2)) == .read)
    }

    @Test("a gap asks for a read, keeps the message, and delivers it after the read")
    func gap() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(7)) == .read)
        #expect(receive(&sync, at(8)) == .wait)
        let waiting = read(&sync, top: at(7))
        let verdicts = waiting.map { sync.admit($0) }
        #expect(verdicts == [.drop, .deliver])
        #expect(sync.position == at(8))
    }

    @Test("another epoch asks for a read")
    func newEpoch() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(1, "e2")) == .read)
        let waiting = read(&sync, top: at(1, "e2"))
        let verdicts = waiting.map { sync.admit($0) }
        #expect(verdicts == [.drop])
        #expect(sync.position == at(1, "e2"))
    }

    @Test("a forged number far ahead is dropped once Redis does not know it, after one read")
    func forgery() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(999)) == .read)
        let waiting = read(&sync, top: at(5))
        let verdicts = waiting.map { sync.admit($0) }
        #expect(verdicts == [.drop])
        #expect(sync.isLive)
        #expect(receive(&sync, at(6)) == .deliver)
    }

    @Test("a gap after the read reads again")
    func gapAfterRead() {
        var sync = ChannelSync()
        sync.didSubscribe()
        _ = receive(&sync, at(9))
        let waiting = read(&sync, top: at(7))
        let first = waiting.map { sync.admit($0) }
        #expect(first == [.read])
        #expect(sync.isReading)
        let again = read(&sync, top: at(9))
        let second = again.map { sync.admit($0) }
        #expect(second == [.drop])
    }

    @Test("a lost connection drops the waiting messages: the next read covers them")
    func disconnect() {
        var sync = live(at: at(5))
        _ = sync.didDisconnect()
        #expect(receive(&sync, at(6)) == .wait)
        _ = sync.didDisconnect()
        sync.didSubscribe()
        #expect(read(&sync, top: at(8)).isEmpty)
        #expect(sync.position == at(8))
    }

    private enum Step { case check, fail, readAgain, disconnect, subscribe, answer }

    private func perform(_ step: Step, _ sync: inout ChannelSync) {
        switch step {
        case .check: sync.willCheck()
        case .fail: _ = sync.didFail()
        case .readAgain: sync.willReadAgain()
        case .disconnect: _ = sync.didDisconnect()
        case .subscribe: sync.didSubscribe()
        case .answer: _ = read(&sync, since: sync.position, top: sync.position)
        }
    }

    @Test("what has no number waits while a read is under way, and for nothing else: one line each")
    func plain() {
        for (steps, verdict) in [
            ([], .deliver),
            ([.check], .wait),
            ([.check, .answer], .deliver),
            ([.check, .fail], .deliver),
            ([.check, .fail, .readAgain], .wait),
            ([.check, .fail, .readAgain, .answer], .deliver),
            ([.check, .fail, .readAgain, .answer, .check], .wait),
            ([.check, .disconnect], .deliver),
            ([.disconnect], .deliver),
            ([.disconnect, .subscribe], .wait),
            ([.disconnect, .subscribe, .answer], .deliver),
            ([.disconnect, .subscribe, .answer, .check], .wait),
            ([.disconnect, .subscribe, .fail], .deliver),
            ([.disconnect, .subscribe, .fail, .readAgain], .wait),
            ([.disconnect, .subscribe, .disconnect], .deliver),
        ] as [([Step], ChannelSync.Verdict)] {
            var sync = live(at: at(5))
            for step in steps { perform(step, &sync) }
            #expect(receive(&sync, nil) == verdict, "\(steps)")
        }
    }

    @Test("what has no number and waited is told when its read fails, when the subscription is lost, or behind a read")
    func plainThatWaits() {
        var sync = live(at: at(5))
        #expect(receive(&sync, at(7)) == .read && receive(&sync, nil, "a") == .wait)
        #expect(sync.didFail().map(\.payload) == [Array("a".utf8)])
        #expect(receive(&sync, at(8)) == .wait)
        sync.willReadAgain()
        #expect(receive(&sync, nil, "b") == .wait)
        #expect(sync.didDisconnect().map(\.payload) == [Array("b".utf8)])
        sync.didSubscribe()
        #expect(receive(&sync, nil, "c") == .wait && receive(&sync, at(9)) == .wait)
        let found = read(&sync, since: at(5), top: at(8), entries: [at(6), at(7), at(8)])
        #expect(told(found) == ["entry 0", "entry 1", "entry 2"])
        #expect(found.waiting.map(\.position) == [nil, at(9)] && sync.isLive)
    }

    @Test("before anybody was told anything it waits, also over a lost connection: it comes with the first state")
    func plainAtFirst() {
        var sync = ChannelSync()
        #expect(receive(&sync, nil, "a") == .wait)
        #expect(sync.didDisconnect() == [])
        #expect(receive(&sync, nil, "b") == .wait)
        sync.didSubscribe()
        #expect(sync.didFail() == [])
        #expect(receive(&sync, nil, "c") == .wait)
        #expect(read(&sync, top: at(5)).map(\.payload) == ["a", "b", "c"].map { Array($0.utf8) })
    }

    @Test("checks during a read let the channel go live first, and are one read later")
    func checks() {
        var sync = live(at: at(5))
        #expect(!sync.isCheckDue)
        #expect(sync.didCheck() == true)
        #expect(receive(&sync, nil, "a") == .wait)
        for _ in 0..<2 { #expect(sync.didCheck() == false) }
        #expect(!sync.isCheckDue)
        let found = read(&sync, since: at(5), top: at(6), entries: [at(6)])
        #expect(!found.isPart && found.waiting.map(\.payload) == [Array("a".utf8)])
        #expect(sync.isLive && sync.isCheckDue)
        var checked = sync
        #expect(checked.didCheck() == true)
        #expect(checked.isReading && !checked.isCheckDue)
        sync.willCheck()
        #expect(sync.isReading)
        _ = read(&sync, since: at(6), top: at(6))
        #expect(sync.isLive && !sync.isCheckDue)
    }

    @Test("a check is covered by the read that is sent after it")
    func checkBeforeARead() {
        var sync = live(at: at(5))
        _ = receive(&sync, at(9))
        #expect(sync.didCheck() == false)
        _ = read(&sync, since: at(5), top: at(9), entries: [at(6)])
        _ = read(&sync, since: at(6), top: at(9), entries: [at(7), at(8), at(9)])
        #expect(sync.isLive && !sync.isCheckDue)
        sync.willCheck()
        #expect(sync.didCheck() == false)
        sync.willReadAgain()
        _ = read(&sync, since: at(9), top: at(9))
        #expect(sync.isLive && !sync.isCheckDue)
    }

    @Test("a check reads, waits for a read under way, and does nothing without a subscription")
    func check() {
        var sync = live(at: at(5))
        #expect(sync.didCheck() == true)
        #expect(sync.isReading && receive(&sync, nil, "a") == .wait)
        #expect(sync.didCheck() == false)
        let first = read(&sync, since: at(5), top: at(6), entries: [at(6)])
        #expect(!first.isPart && first.waiting.map(\.payload) == [Array("a".utf8)] && sync.isCheckDue)
        _ = sync.didDisconnect()
        #expect(sync.didCheck() == false)
        #expect(!sync.isReading && !sync.isCheckDue)
        sync.didSubscribe()
        _ = read(&sync, since: at(6), top: at(7), entries: [at(7)])
        #expect(sync.isLive && !sync.isCheckDue)
    }

    @Test("more than the bound while reading: the dropped messages are read, and the kept ones still wait")
    func overflow() {
        var sync = live(at: at(5))
        sync.willCheck()
        let large = String(repeating: "x", count: 150_000)
        #expect(receive(&sync, at(6), large) == .wait)
        #expect(receive(&sync, at(7), large) == .wait)
        let first = read(&sync, since: at(5), top: at(6), entries: [at(6)])
        #expect(first.isPart && first.waiting.isEmpty && sync.isReading && sync.position == at(6))
        #expect(receive(&sync, at(8), "x") == .wait)
        let second = read(&sync, since: at(6), top: at(7), entries: [at(7)])
        let verdicts = second.waiting.map { sync.admit($0) }
        #expect(!second.isPart && told(second) == ["entry 0"] && verdicts == [.deliver])
    }

    @Test("the bytes around many small messages count, too")
    func overflowOfSmall() {
        var sync = live(at: at(5))
        sync.willCheck()
        for number in 6...2_005 as ClosedRange<UInt64> { _ = receive(&sync, at(number)) }
        let found = read(&sync, since: at(5), top: at(5))
        #expect(found.isPart && sync.isReading)
    }

    @Test("a gap that the history fills is told, and nothing else")
    func gapInHistory() {
        var sync = live(at: at(5))
        _ = receive(&sync, at(9))
        let found = read(&sync, since: at(5), top: at(9), entries: [at(6), at(7), at(8), at(9)])
        #expect(told(found) == ["entry 0", "entry 1", "entry 2", "entry 3"])
        #expect(!found.isPart && !found.endsWithState && found.start == .goesOn)
        #expect(sync.isLive && sync.position == at(9))
    }

    @Test("of a gap whose beginning is lost the rest is told, with the number of lost events, and the state at the end")
    func gapPartlyGone() {
        var sync = live(at: at(5))
        _ = receive(&sync, at(9))
        let found = read(&sync, since: at(5), top: at(9), entries: [at(8), at(9)])
        #expect(told(found) == ["-2 entry 0", "entry 1"])
        #expect(found.endsWithState && !sync.owed.state)
    }

    @Test("a gap that is wholly lost counts whole, and the state replaces it")
    func gapGone() {
        var sync = live(at: at(5))
        sync.willCheck()
        let found = read(&sync, since: at(5), top: at(9))
        #expect(told(found) == ["-4"])
        #expect(found.endsWithState && sync.isLive && sync.position == at(9))
    }

    @Test("a new epoch is told from its beginning; its lost events count, those of the old one do not")
    func newEpochFromItsBeginning() {
        var sync = live(at: at(70))
        sync.owe(7)
        _ = receive(&sync, at(3, "e2"))
        let found = read(&sync, since: at(70), top: at(3, "e2"), entries: [at(2, "e2"), at(3, "e2")])
        #expect(found.start == .anew && found.endsWithState)
        #expect(told(found) == ["-1 entry 0", "entry 1"])
        #expect(sync.owed == ChannelSync.Owed() && sync.position == at(3, "e2"))
    }

    @Test("more than a portion: each is told before the next is read, and messages still wait")
    func portions() {
        var sync = live(at: at(5))
        _ = receive(&sync, at(9))
        let first = read(&sync, since: at(5), top: at(9), entries: [at(6), at(7)])
        #expect(first.isPart && told(first) == ["entry 0", "entry 1"] && first.waiting.isEmpty)
        #expect(sync.isReading && sync.position == at(7))
        #expect(receive(&sync, at(10)) == .wait)
        let second = read(&sync, since: at(7), top: at(9), entries: [at(8), at(9)])
        let verdicts = second.waiting.map { sync.admit($0) }
        #expect(!second.isPart && verdicts == [.drop, .deliver])
        #expect(sync.position == at(10))
    }

    @Test("the state that the first of several portions owes is told after the last")
    func stateAfterPortions() {
        var sync = live(at: at(5))
        _ = receive(&sync, at(9))
        let first = read(&sync, since: at(5), top: at(9), entries: [at(7)])
        #expect(first.isPart && !first.endsWithState && sync.owed.state)
        let second = read(&sync, since: at(7), top: at(9), entries: [at(8), at(9)])
        #expect(second.endsWithState && !sync.owed.state)
    }

    @Test("a connection lost between portions: the next read continues after the last one told, with the same gap")
    func disconnectBetweenPortions() {
        var sync = live(at: at(5))
        _ = receive(&sync, at(9))
        _ = read(&sync, since: at(5), top: at(9), entries: [at(7)])
        _ = sync.didDisconnect()
        sync.didSubscribe()
        #expect(sync.position == at(7) && sync.owed.state)
        let found = read(&sync, since: at(7), top: at(11), entries: [at(8), at(9), at(10), at(11)])
        #expect(told(found).count == 4 && found.endsWithState)
    }

    @Test("messages heard during a read fill gaps of the history")
    func heardMeanwhile() {
        var sync = live(at: at(5))
        for number in [8, 9, 10] as [UInt64] { _ = receive(&sync, at(number)) }
        let found = read(&sync, since: at(5), top: at(11), entries: [at(7), at(10), at(11)])
        #expect(told(found) == ["-1 entry 0", "waiting 8", "waiting 9", "entry 1", "entry 2"])
        let waiting = found.waiting.map { sync.admit($0) }
        #expect(waiting == [.drop, .drop, .drop])
    }

    @Test("an empty history with some messages heard: these are told, and the others count as lost")
    func heardAlone() {
        var sync = live(at: at(5))
        for number in [7, 8, 99] as [UInt64] { _ = receive(&sync, at(number)) }
        let found = read(&sync, since: at(5), top: at(9))
        #expect(told(found) == ["-1 waiting 7", "waiting 8", "-1"])
    }

    @Test("messages heard beyond a portion wait for the portions between")
    func heardBeyondAPortion() {
        var sync = live(at: at(5))
        _ = receive(&sync, at(9))
        let found = read(&sync, since: at(5), top: at(9), entries: [at(6)])
        #expect(told(found) == ["entry 0"] && found.isPart)
    }

    @Test("a channel that Redis no longer knows has no gap")
    func lost() {
        var sync = live(at: at(5))
        sync.owe(3)
        sync.willCheck()
        let found = read(&sync, since: at(5), top: nil)
        #expect(found.start == .nothing && sync.position == nil && sync.owed == ChannelSync.Owed())
    }

    @Test("a position beyond Redis' goes back to that, with the state")
    func ahead() {
        var sync = live(at: at(9))
        sync.willCheck()
        let found = read(&sync, since: at(9), top: at(4))
        #expect(found.endsWithState && told(found).isEmpty && sync.position == at(4))
    }

    @Test("a gap is told once, and never exceeds the numbers")
    func owed() {
        var sync = live(at: at(5))
        sync.owe(2)
        sync.owe(3)
        let taken = [sync.takeMissed(), sync.takeMissed()]
        #expect(taken == [5, 0])
        sync.owe(.max)
        sync.owe(.max)
        #expect(sync.takeMissed() == .max)
    }

    @Test("entries without a position, of another epoch or out of order are skipped, and count as lost")
    func strangeEntries() {
        var sync = live(at: at(5))
        _ = receive(&sync, at(9))
        let entries = [nil, at(7, "e2"), at(4), at(8), at(7), at(9), at(99)]
        let found = read(&sync, since: at(5), top: at(9), entries: entries)
        #expect(told(found).last == "entry 5" && sync.isLive && sync.position == at(9))
    }

    @Test(
        "whatever is lost, trimmed or read when: every number once, upwards, or counted as missed, and only what is gone is"
    )
    func randomised() {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = SplitMix(state: seed)
        for _ in 0..<300 {
            var model = Model(random: &random)
            for _ in 0..<200 { model.act(&random) }
            model.settle()
            #expect(model.faults.isEmpty, "seed \(seed): \(model.faults)")
        }
    }
}

/// A Redis with a history that is trimmed, and a loop's channel that follows it.
private struct Model {
    /// A few of these exceed the bound of waiting messages.
    private static let payload = [UInt8](repeating: 0x20, count: 50_000)

    private let historyLimit: Int
    private let portionLimit: Int
    private var epoch = 1
    private var top: UInt64 = 0
    private var history: [UInt64] = []
    private var sync = ChannelSync()
    private var answer: ChannelSync.Answer?
    /// The last number that the members were told, or told to have missed.
    private var told: Position?
    private var isAlive = false
    private(set) var faults: [String] = []

    init(random: inout SplitMix) {
        historyLimit = Int(random.next() % 12)
        portionLimit = 1 + Int(random.next() % 5)
    }

    private var place: Position { Position(epoch: "e\(epoch)", sequence: top) }

    mutating func act(_ random: inout SplitMix) {
        switch random.next() % 17 {
        case 0:
            _ = sync.didDisconnect()
            (isAlive, answer) = (false, nil)
        case 1, 2: subscribe()
        case 3, 4: sendRead()
        case 5, 6, 7: answerRead()
        case 8: publish(isHeard: false)
        case 9 where random.next() % 20 == 0: (epoch, top, history) = (epoch + 1, 0, [])
        case 10: sync.willCheck()
        case 11: _ = sync.didCheck()
        default: publish(isHeard: true)
        }
    }

    /// Lets everything settle.
    mutating func settle() {
        subscribe()
        sync.willCheck()
        for _ in 0..<1_000 where !sync.isLive {
            sendRead()
            answerRead()
        }
        if !sync.isLive { faults.append("never live") }
        if top > 0, told != place { faults.append("told up to \(String(describing: told)), not \(place)") }
    }

    private mutating func subscribe() {
        guard !isAlive else { return }
        isAlive = true
        sync.didSubscribe()
    }

    private mutating func publish(isHeard: Bool) {
        top += 1
        history.append(top)
        if history.count > historyLimit { history.removeFirst(history.count - historyLimit) }
        guard isHeard, isAlive else { return }
        let verdict = Self.payload.withUnsafeBytes { sync.receive(place, payload: $0) }
        if verdict == .deliver { tell(place) }
    }

    private mutating func sendRead() {
        guard sync.isReading else { return }
        sync.willReadAgain()
        let since = sync.position ?? Position(epoch: "", sequence: 0)
        let start = since.epoch == place.epoch ? since.sequence : 0
        let entries = history.filter { $0 > start }.prefix(portionLimit).map {
            Position(epoch: place.epoch, sequence: $0)
        }
        answer = ChannelSync.Answer(since: since, top: top == 0 && epoch == 1 ? nil : place, entries: entries)
    }

    private mutating func answerRead() {
        guard let answer, sync.isReading else { return }
        self.answer = nil
        let found = sync.didRead(answer)
        if found.start == .anew { told = answer.top.map { Position(epoch: $0.epoch, sequence: 0) } }
        for step in found.steps {
            sync.owe(step.missed)
            switch step.item {
            case .entry(let index): tell(answer.entries[index]!)
            case .waiting(let message): tell(message.position!)
            }
        }
        sync.owe(found.missedAtEnd)
        for message in found.waiting where sync.admit(message) == .deliver { tell(message.position!) }
        // No message follows within a second.
        guard sync.isLive, let position = sync.position else { return }
        let missed = sync.takeMissed()
        if missed > 0 { note(position, missed: missed - 1) }
    }

    private mutating func tell(_ place: Position) { note(place, missed: sync.takeMissed()) }

    private mutating func note(_ next: Position, missed: UInt64) {
        let last = told?.epoch == next.epoch ? told!.sequence : 0
        if next.sequence != last + missed + 1 { faults.append("\(next) after \(last) with \(missed) missed") }
        if missed > 0, next.epoch == place.epoch, history.contains(where: { $0 > last && $0 <= last + missed }) {
            faults.append("\(missed) before \(next) missed, of which the history has some")
        }
        told = next
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
