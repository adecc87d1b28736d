import EventLoop
import Testing

@Suite("Timer", .timeLimit(.minutes(1)))
struct TimerTests {
    @Test("timers fire once each, in order, not before their time")
    func order() async throws {
        try await onLoop { actor in
            let fired = Event()
            var order: [Int] = []
            let start = actor.loop.now
            for delay in [30, 3, 12, 0] {
                actor.loop.schedule(after: UInt64(delay)) {
                    #expect(actor.loop.now - start >= delay)
                    order.append(delay)
                    fired.signal()
                }
            }
            await fired.wait(4)
            #expect(order == [0, 3, 12, 30])
        }
    }

    @Test("one that is cancelled does not fire, also when it is due in the same turn")
    func cancel() async throws {
        try await onLoop { actor in
            let fired = Event()
            var count = 0
            let first = actor.loop.schedule(after: 5) { count += 1 }
            var third: Timer?
            actor.loop.schedule(after: 8) { third?.cancel() }
            third = actor.loop.schedule(after: 8) { count += 1 }
            actor.loop.schedule(after: 12) { fired.signal() }
            first.cancel()
            first.cancel()
            #expect(!first.isScheduled)
            await fired.wait()
            #expect(count == 0)
        }
    }

    @Test("one that is set anew fires at the later time only")
    func restart() async throws {
        try await onLoop { actor in
            let fired = Event()
            let start = actor.loop.now
            var times: [UInt64] = []
            let timer = actor.loop.schedule(after: 5) {
                times.append(actor.loop.now - start)
                fired.signal()
            }
            timer.restart(after: 40)
            #expect(timer.isScheduled)
            await fired.wait()
            #expect(times.count == 1 && times[0] >= 40)
            #expect(!timer.isScheduled)
        }
    }

    @Test("one may set itself anew while it fires, and lets go of its closure when it does not")
    func repeating() async throws {
        try await onLoop { actor in
            final class Owner {
                var timer: Timer?
                let released: Event
                init(_ released: Event) { self.released = released }
                deinit { released.signal() }
            }
            let released = Event()
            let fired = Event()
            do {
                let owner = Owner(released)
                var left = 3
                owner.timer = actor.loop.schedule(after: 1) {
                    left -= 1
                    if left > 0 { owner.timer!.restart(after: 1) }
                    fired.signal()
                }
            }
            await fired.wait(3)
            await released.wait()
        }
    }

    @Test("one that repeats fires until it is cancelled, also from its own closure, and then lets go of it")
    func every() async throws {
        let log = Log()
        try await onLoop { actor in
            let fired = Event()
            do {
                let token = Token(log)
                var timer: Timer?
                var left = 3
                timer = actor.loop.every(milliseconds: 2) {
                    _ = token
                    left -= 1
                    if left == 0 { timer?.cancel() }
                    fired.signal()
                }
            }
            await fired.wait(3)
            #expect(log.all == ["released"])
        }
    }

    @Test("one that repeats keeps to a time that its closure sets")
    func everyRestarted() async throws {
        try await onLoop { actor in
            let fired = Event()
            var times: [UInt64] = []
            var timer: Timer?
            timer = actor.loop.every(milliseconds: 1) {
                times.append(actor.loop.now)
                if times.count == 1 { timer?.restart(after: 30) }
                fired.signal()
            }
            await fired.wait(2)
            timer?.cancel()
            #expect(times[1] - times[0] >= 30)
        }
    }

    @Test("one that outlives its loop is let go of, with its closure")
    func loopEnds() async throws {
        let log = Log()
        try await onLoop { actor in
            let token = Token(log)
            actor.loop.schedule(after: 1_000_000) { _ = token }
        }
        #expect(log.all == ["released"])
    }

    @Test("a hundred thousand timers, set anew and cancelled, cost next to nothing")
    func many() async throws {
        try await onLoop { actor in
            let fired = Event()
            let timers = (0..<100_000).map { index in
                actor.loop.schedule(after: 30_000 + UInt64(index % 1000)) { Issue.record("fired") }
            }
            for timer in timers { timer.restart(after: 60_000) }
            for timer in timers { timer.cancel() }
            actor.loop.schedule(after: 1) { fired.signal() }
            await fired.wait()
        }
    }
}
