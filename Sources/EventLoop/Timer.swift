internal import CLibuv

/// Runs a closure later on its loop, once or again and again. Loop-confined; the loop keeps it until it has fired for the
/// last time or is cancelled.
///
/// The closure is let go of then, so it may own whoever keeps the timer.
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

    /// Whether it is still to fire.
    public var isScheduled: Bool {
        loop.assertCurrent()
        return loop.wheel.contains(key)
    }

    /// Makes sure that it does not fire any more. Nothing happens where it has.
    public func cancel() {
        loop.assertCurrent()
        body = nil
        loop.wheel.remove(key)
    }

    /// Sets the time anew, counted from now: of a timer that is still to fire, or, within its own closure, of one that
    /// shall fire again. Allocates nothing.
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
    /// Runs `body` after so many milliseconds; with 1,000 and more up to 63 ms later, so that many timers fire together.
    /// Never within the turn's present callback, also with 0. Loop only.
    @discardableResult
    public func schedule(after milliseconds: UInt64, _ body: @escaping () -> Void) -> Timer {
        let timer = Timer(loop: self, body: body)
        timer.restart(after: milliseconds)
        return timer
    }

    /// Runs `body` every so many milliseconds, for the first time after the first of them, until the timer is cancelled. An
    /// interval is counted from the end of a run, so runs never pile up; 0 counts as 1. Loop only.
    @discardableResult
    public func every(milliseconds: UInt64, _ body: @escaping () -> Void) -> Timer {
        let interval = max(1, milliseconds)
        let timer = Timer(loop: self, interval: interval, body: body)
        timer.restart(after: interval)
        return timer
    }

    /// Before the loop sleeps: has libuv's one timer go off when the wheel needs it next.
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
