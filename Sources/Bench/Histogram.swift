/// Times, counted in classes that are 1.6 % wide, in a fixed amount of memory.
struct Histogram: Sendable {
    private static let steps = 64
    private var counts = [Int](repeating: 0, count: 64 * 40)
    private(set) var total = 0
    private(set) var longest: UInt64 = 0

    /// Counts a time in microseconds.
    mutating func count(_ microseconds: UInt64) {
        counts[min(Self.index(microseconds), counts.count - 1)] += 1
        total += 1
        longest = max(longest, microseconds)
    }

    /// The upper bound in microseconds of `share` of all times; 0 where there are none.
    func percentile(_ share: Double) -> UInt64 {
        let wanted = Int((Double(total) * share).rounded(.up))
        var seen = 0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return min(Self.upperBound(index), longest) }
        }
        return 0
    }

    private static func index(_ value: UInt64) -> Int {
        guard value >= steps else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return steps * (exponent - 5) + Int(value >> UInt64(exponent - 6)) - steps
    }

    private static func upperBound(_ index: Int) -> UInt64 {
        guard index >= steps else { return UInt64(index) }
        let exponent = index / steps + 5
        return (UInt64(index % steps + steps) + 1) << UInt64(exponent - 6) - 1
    }
}
