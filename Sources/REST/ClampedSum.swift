extension Sequence<Int64> {
    /// The sum, of numbers that Redis holds and anybody may have written: at most, and at least, what 64 bits hold.
    var clampedSum: Int64 {
        reduce(0) { sum, next in
            let (exact, overflow) = sum.addingReportingOverflow(next)
            return overflow ? (next < 0 ? .min : .max) : exact
        }
    }
}
