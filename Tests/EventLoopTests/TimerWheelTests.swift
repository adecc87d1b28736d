import Testing

@testable import EventLoop

@Suite("TimerWheel", .timeLimit(.minutes(1)))
struct TimerWheelTests {
    /// Advances a wheel as the loop does: from one wake to the next, and says when what fired.
    private func drive(_ wheel: inout TimerWheel<Int>, until end: UInt64) -> [(time: UInt64, payload: Int)] {
        var fired: [(UInt64, Int)] = []
        while let wake = wheel.nextWake, wake <= end {
            while let payload = wheel.removeExpired(at: wake) { fired.append((wake, payload)) }
        }
        return fired
    }

    @Test("fires short timers to the millisecond, in the order of their deadlines")
    func shortTimers() {
        var wheel = TimerWheel<Int>(now: 1_000_003)
        for delay in [7, 3, 900, 64, 1, 65, 130] { _ = wheel.insert(delay, after: UInt64(delay), now: 1_000_003) }
        let fired = drive(&wheel, until: 2_000_000)
        #expect(fired.map(\.payload) == [1, 3, 7, 64, 65, 130, 900])
        #expect(fired.allSatisfy { $0.time == 1_000_003 + UInt64($0.payload) })
        #expect(wheel.count == 0 && wheel.nextWake == nil)
    }

    @Test("fires timers of the same deadline in the order of insertion, whichever wheel they came through")
    func sameDeadline() {
        var wheel = TimerWheel<Int>(now: 0)
        _ = wheel.insert(1, after: 500, now: 0)
        _ = wheel.insert(2, after: 500, now: 0)
        _ = wheel.insert(3, after: 40, now: 460)
        _ = wheel.insert(4, after: 2, now: 498)
        #expect(drive(&wheel, until: 1000).map(\.payload) == [1, 2, 3, 4])
    }

    @Test("rounds long timers up by less than 64 ms, never down, so that they share wakes")
    func longTimersShareWakes() {
        var wheel = TimerWheel<Int>(now: 77)
        for payload in 0..<1000 { _ = wheel.insert(payload, after: 30_000 + UInt64(payload), now: 77) }
        let fired = drive(&wheel, until: 40_000)
        #expect(fired.count == 1000)
        #expect(fired.allSatisfy { (0..<64).contains(Int($0.time) - 30_077 - $0.payload) })
        #expect(Set(fired.map(\.time)).count <= 1000 / 64 + 2)
    }

    @Test("fires nothing that was removed, and answers it once")
    func removal() {
        var wheel = TimerWheel<Int>(now: 0)
        let kept = wheel.insert(1, after: 10, now: 0)
        let removed = wheel.insert(2, after: 10, now: 0)
        #expect(wheel.remove(removed) == 2)
        #expect(wheel.remove(removed) == nil)
        #expect(wheel.contains(kept) && !wheel.contains(removed))
        #expect(drive(&wheel, until: 20).map(\.payload) == [1])
        #expect(wheel.remove(kept) == nil)
        #expect(wheel.remove(.none) == nil)
    }

    @Test("one that is moved fires at its new time, after those that had that time before, and keeps its key")
    func moving() {
        var wheel = TimerWheel<Int>(now: 0)
        let moved = wheel.insert(1, after: 10, now: 0)
        _ = wheel.insert(2, after: 300, now: 0)
        let isWaiting = wheel.move(moved, after: 291, now: 9)
        #expect(isWaiting)
        #expect(wheel.count == 2)
        #expect(drive(&wheel, until: 299).isEmpty)
        #expect(drive(&wheel, until: 300).map(\.payload) == [2, 1])
        let isWaitingStill = wheel.move(moved, after: 5, now: 300)
        #expect(!isWaitingStill && wheel.count == 0)
    }

    @Test("a key is of no use for the timer that has its node afterwards")
    func staleKeys() {
        var wheel = TimerWheel<Int>(now: 0)
        let old = wheel.insert(1, after: 10, now: 0)
        wheel.remove(old)
        let new = wheel.insert(2, after: 10, now: 0)
        #expect(wheel.remove(old) == nil)
        #expect(wheel.remove(new) == 2)
    }

    @Test("a timer of 0 ms waits for the next millisecond, also when added while firing")
    func zeroDelay() {
        var wheel = TimerWheel<Int>(now: 5)
        _ = wheel.insert(0, after: 0, now: 5)
        #expect(wheel.removeExpired(at: 5) == nil)
        var fired = 0
        while wheel.removeExpired(at: 6) != nil {
            fired += 1
            _ = wheel.insert(fired, after: 0, now: 6)
        }
        #expect(fired == 1)
        #expect(wheel.nextWake == 7)
    }

    @Test("fires all that is due, in order, after a pause far longer than the timers")
    func lateWake() {
        var wheel = TimerWheel<Int>(now: 0)
        for delay in [5, 70, 4000, 300_000, 20] { _ = wheel.insert(delay, after: UInt64(delay), now: 0) }
        var fired: [Int] = []
        while let payload = wheel.removeExpired(at: 10_000_000) { fired.append(payload) }
        #expect(fired == [5, 20, 70, 4000, 300_000])
    }

    @Test("an absurd delay neither traps nor fires")
    func absurdDelay() {
        var wheel = TimerWheel<Int>(now: 1)
        let key = wheel.insert(1, after: .max, now: 1)
        #expect(wheel.removeExpired(at: 1_000_000_000_000) == nil)
        #expect(wheel.contains(key))
    }

    @Test("new timers are placed by the present, after a stretch in which nothing was due")
    func placedByThePresent() {
        var wheel = TimerWheel<Int>(now: 0)
        _ = wheel.insert(1, after: 3_600_000, now: 0)
        _ = wheel.insert(2, after: 5, now: 1_000_000)
        #expect(wheel.nextWake == 1_000_005)
    }

    @Test("agrees with a sorted list through random insertions, removals and jumps of time")
    func agreesWithAModel() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        var wheel = TimerWheel<Int>(now: 0)
        var model: [Int: (deadline: UInt64, key: TimerWheel<Int>.Key)] = [:]
        var now: UInt64 = 0
        for payload in 0..<20_000 {
            let delay = UInt64.random(in: 0..<(1 << UInt64.random(in: 1...22, using: &random)), using: &random)
            var deadline = now + max(delay, 1)
            if delay >= 1000 { deadline = (deadline + 63) / 64 * 64 }
            model[payload] = (deadline, wheel.insert(payload, after: delay, now: now))
            if let other = model.keys.randomElement(using: &random) {
                let moved = wheel.move(model[other]!.key, after: delay, now: now)
                #expect(moved, "seed \(seed)")
                model[other]!.deadline = deadline
            }
            if Bool.random(using: &random), let victim = model.keys.randomElement(using: &random) {
                #expect(wheel.remove(model.removeValue(forKey: victim)!.key) == victim, "seed \(seed)")
            }
            now += UInt64.random(in: 0...3, using: &random) * UInt64.random(in: 0...40, using: &random)
            var last: UInt64 = 0
            while let fired = wheel.removeExpired(at: now) {
                let deadline = model.removeValue(forKey: fired)?.deadline
                guard let deadline, deadline <= now, deadline >= last else {
                    Issue.record("\(fired) fired early or out of order, seed \(seed)")
                    return
                }
                last = deadline
            }
            guard payload % 64 == 0 else { continue }
            guard model.values.allSatisfy({ $0.deadline > now }), model.count == wheel.count else {
                Issue.record("a timer was left over, seed \(seed)")
                return
            }
        }
    }
}

/// Random numbers that can be had again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
