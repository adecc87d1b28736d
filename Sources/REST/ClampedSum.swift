extension Sequence<Int64> {
    /// The sum of numbers from Redis, which may be anything, clamped to 64 bits.
    var clampedSum: Int64 {
        reduce(0) { sum, next in
            let (exact, overflow) = sum.addingReportingOverflow(next)
            return overflow ? (next < 0 ? .min : .max) : exact
        }
    }
}
