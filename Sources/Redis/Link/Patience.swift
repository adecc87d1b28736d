import RESP

/// The clock of all deadlines here: it counts ticks, not time.
///
/// A loop that stood still (a debugger, SIGSTOP, a long callback) finds its timers due before it has read what Redis
/// sent meanwhile. A clock of milliseconds would blame Redis; a clock of ticks counts the pause as one tick, and the
/// loop reads the answer before the next tick.
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
