import Access
package import Settings

/// Log lines about what single clients do, which a person follows with `grep WebSocket`. Under load a loop writes only so
/// many of them a second, and before the next one how many it left out. At the level debug it writes all.
package final class SampledLog {
    private let log: Log
    private let tally: Tally<ServingCounters>
    private let now: () -> UInt64
    private var sample: LineSample

    /// The lines of one loop; `now` is its time in milliseconds.
    package init(_ log: Log, limits: NodeLimits, tally: Tally<ServingCounters>, now: @escaping () -> UInt64) {
        self.log = log
        self.tally = tally
        self.now = now
        sample = LineSample(perSecond: limits.clientLinesPerSecond, burst: limits.clientLineBurst, now: now())
    }

    /// Writes a line, or counts it.
    package func info(_ message: @autoclosure () -> String, _ fields: @autoclosure () -> Log.Fields) {
        guard log.writes(.info) else { return }
        if !log.writes(.debug) {
            guard let leftOut = sample.take(now: now()) else {
                tally.counters.linesSuppressed += 1
                return
            }
            if leftOut > 0 {
                log.info("lines about a WebSocket are left out here: too many", ["lines": .number(leftOut)])
            }
        }
        log.info(message(), fields())
    }
}

/// Decides which lines are written.
struct LineSample {
    private let perSecond: Int
    private let burst: Int
    private var bucket: TokenBucket
    private var leftOut = 0

    init(perSecond: Int, burst: Int, now: UInt64) {
        self.perSecond = perSecond
        self.burst = burst
        bucket = TokenBucket(burst: burst, now: now)
    }

    /// How many lines were left out before this one; nil where this one is left out, too.
    mutating func take(now: UInt64) -> Int? {
        guard bucket.take(perSecond: perSecond, burst: burst, now: now) else {
            leftOut += 1
            return nil
        }
        defer { leftOut = 0 }
        return leftOut
    }
}
