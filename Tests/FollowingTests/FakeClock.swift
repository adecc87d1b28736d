@testable import Following

/// A clock whose timers fire when the test wants them to.
final class FakeClock: LoopClock {
    final class FakeTimer: LoopTimer {
        let milliseconds: UInt64
        var body: (() -> Void)?

        init(_ milliseconds: UInt64, _ body: @escaping () -> Void) {
            self.milliseconds = milliseconds
            self.body = body
        }

        func cancel() { body = nil }
    }

    var now: UInt64 = 1_000
    private var timers: [FakeTimer] = []

    func start(after milliseconds: UInt64, _ body: @escaping () -> Void) -> any LoopTimer {
        let timer = FakeTimer(milliseconds, body)
        timers.append(timer)
        return timer
    }

    /// Time passes: the timers of so many milliseconds fire.
    func fire(after milliseconds: UInt64) {
        now += milliseconds
        let due = timers.filter { $0.milliseconds == milliseconds }
        timers.removeAll { $0.milliseconds == milliseconds }
        for timer in due { timer.body?() }
    }
}
