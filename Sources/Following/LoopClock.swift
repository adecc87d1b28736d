package import EventLoop

/// The clock and the timers of a loop. A test has its own, and lets time pass at will.
package protocol LoopClock: AnyObject {
    /// Milliseconds on a monotonic clock.
    var now: UInt64 { get }
    /// Runs `body` once after so many milliseconds, never within this call.
    @discardableResult
    func start(after milliseconds: UInt64, _ body: @escaping () -> Void) -> any LoopTimer
}

/// A timer of a ``LoopClock``.
package protocol LoopTimer: AnyObject {
    /// Cancels the timer. No effect once it has run.
    func cancel()
}

extension EventLoop: LoopClock {
    package func start(after milliseconds: UInt64, _ body: @escaping () -> Void) -> any LoopTimer {
        schedule(after: milliseconds, body)
    }
}

extension Timer: LoopTimer {}
