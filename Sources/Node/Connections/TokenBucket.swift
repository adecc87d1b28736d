/// How many messages a client may still send: refilled at a steady rate, up to a burst.
struct TokenBucket {
    private var level: Float
    private var refilled: UInt32  // loop time in milliseconds, wrapping; only differences are used

    init(burst: Int, now: UInt64) {
        level = Float(burst)
        refilled = UInt32(truncatingIfNeeded: now)
    }

    /// Takes one token; false when there is none.
    mutating func take(perSecond: Int, burst: Int, now: UInt64) -> Bool {
        let elapsed = UInt32(truncatingIfNeeded: now) &- refilled
        refilled = UInt32(truncatingIfNeeded: now)
        level = min(Float(burst), level + Float(elapsed) * Float(perSecond) / 1000)
        guard level >= 1 else { return false }
        level -= 1
        return true
    }
}
