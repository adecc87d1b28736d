/// Counts by powers of two: bucket n takes what is above 2^(n-1) and at most 2^n, the last one the rest. Finding the
/// bucket is one instruction, so it may be fed on the path of an event.
struct Log2Histogram: Sendable {
    /// Buckets, the last without an upper end: up to 2^22.
    static let bucketCount = 24

    private(set) var counts = InlineArray<24, UInt64>(repeating: 0)
    private(set) var sum: UInt64 = 0

    @inline(__always)
    mutating func record(_ value: UInt64) {
        let bucket = value <= 1 ? 0 : min(Self.bucketCount - 1, 64 - (value - 1).leadingZeroBitCount)
        counts[bucket] &+= 1
        sum &+= value
    }

    /// Adds what another loop has counted.
    mutating func add(_ other: Log2Histogram) {
        for bucket in 0..<Self.bucketCount { counts[bucket] &+= other.counts[bucket] }
        sum &+= other.sum
    }
}
