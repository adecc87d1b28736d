/// A rate limit: tokens refill at a steady rate, up to a burst. Eight bytes, since every WebSocket has one.
public struct TokenBucket: Sendable {
    private var level: Float
    private var refilled: UInt32  // milliseconds of the loop's clock, wrapping; only differences are used

    /// A full bucket; `now` is the loop's time in milliseconds.
    public init(burst: Int, now: UInt64) {
        level = Float(burst)
        refilled = UInt32(truncatingIfNeeded: now)
    }

    /// Takes one token; false when there is none.
    public mutating func take(perSecond: Int, burst: Int, now: UInt64) -> Bool {
        let elapsed = UInt32(truncatingIfNeeded: now) &- refilled
        refilled = UInt32(truncatingIfNeeded: now)
        level = min(Float(burst), level + Float(elapsed) * Float(perSecond) / 1000)
        guard level >= 1 else { return false }
        level -= 1
        return true
    }
}
