import RESP

/// The clock of all deadlines here: it counts looks, not time.
///
/// A loop that was held up (a debugger, SIGSTOP, a long callback) finds its timers due before it has read what Redis sent
/// meanwhile. Measured in time, Redis would be blamed; measured in ticks of a timer, the pause counts as one tick and the
/// answer is read before the next.
struct Patience {
    let tickMilliseconds: UInt64
    /// Milliseconds of watching, in whole ticks.
    private(set) var now: UInt64 = 0

    init(tickMilliseconds: UInt64) {
        precondition(tickMilliseconds > 0, "Patience: a tick takes time")
        self.tickMilliseconds = tickMilliseconds
    }

    mutating func tick() { now += tickMilliseconds }
}
