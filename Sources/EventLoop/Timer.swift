internal import CLibuv

/// Runs a closure later on its loop, once or repeatedly. Loop-confined; the loop keeps the timer until its last run or
/// its cancellation.
///
/// The timer then drops its closure, so the closure may own the timer's owner.
public final class Timer {
    private let loop: EventLoop
    private var body: (() -> Void)?
    private var key = TimerWheel<Timer>.Key.none
    /// Milliseconds between two runs of a timer that repeats.
    private let interval: UInt64?

    fileprivate init(loop: EventLoop, interval: UInt64? = nil, body: @escaping () -> Void) {
        self.loop = loop
        self.interval = interval
        self.body = body
    }

    /// Whether the timer will still fire.
    public var isScheduled: Bool {
        loop.assertCurrent()
        return loop.wheel.contains(key)
    }

    /// Cancels the timer. No effect after its last run.
    public func cancel() {
        loop.assertCurrent()
        body = nil
        loop.wheel.remove(key)
    }

    /// Restarts the time from now: of a timer that will still fire, or, within its own closure, of a timer that must
    /// fire again. Allocates nothing.
    public func restart(after milliseconds: UInt64) {
        loop.assertCurrent()
        precondition(body != nil, "Timer: restarted after it had fired or was cancelled")
        let now = uv_now(loop.uv)
        if loop.wheel.move(key, after: milliseconds, now: now) { return }
        key = loop.wheel.insert(self, after: milliseconds, now: now)
    }

    fileprivate func fire() {
        body?()
        guard body != nil, !isScheduled else { return }
        if let interval { restart(after: interval) } else { body = nil }
    }
}

@available(*, unavailable)
extension Timer: Sendable {}

extension EventLoop {
    /// Runs `body` after this many milliseconds; from 1,000 on up to 63 ms later, so that many timers fire together.
    /// Never within the turn's current callback, even with 0. Loop only.
    @discardableResult
    public func schedule(after milliseconds: UInt64, _ body: @escaping () -> Void) -> Timer {
        let timer = Timer(loop: self, body: body)
        timer.restart(after: milliseconds)
        return timer
    }

    /// Runs `body` every `interval` milliseconds, first after one interval, until the timer is cancelled. An interval
    /// starts at the end of a run, so runs never pile up; 0 counts as 1. Loop only.
    @discardableResult
    public func every(milliseconds: UInt64, _ body: @escaping () -> Void) -> Timer {
        let interval = max(1, milliseconds)
        let timer = Timer(loop: self, interval: interval, body: body)
        timer.restart(after: interval)
        return timer
    }

    /// Before the loop sleeps: sets libuv's one timer to the wheel's next deadline.
    func setAlarm() {
        let wake = isStopping ? nil : wheel.nextWake
        guard wake != alarmTime else { return }
        alarmTime = wake
        guard let wake else {
            uv_timer_stop(internals.alarm)
            return
        }
        let now = uv_now(uv)
        uv_timer_start(
            internals.alarm, { EventLoop.owner(of: $0!.pointee.loop).fireTimers() }, wake > now ? wake - now : 0, 0)
    }

    private func fireTimers() {
        alarmTime = nil
        let now = uv_now(uv)
        while let timer = wheel.removeExpired(at: now) { timer.fire() }
    }
}
