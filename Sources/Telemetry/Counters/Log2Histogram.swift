/// Counts by powers of two: bucket n counts values above 2^(n-1) up to 2^n, the last bucket the rest. Finding the
/// bucket is one instruction, so the path of an event can use it.
@frozen
package struct Log2Histogram: Sendable {
    /// Buckets, the last without an upper end: up to 2^22.
    @usableFromInline package static let bucketCount = 24

    /// The number of values in each bucket.
    @usableFromInline package private(set) var counts = InlineArray<24, UInt64>(repeating: 0)
    /// The sum of all values.
    @usableFromInline package private(set) var sum: UInt64 = 0

    /// Nothing counted yet.
    package init() {}

    /// Counts one value.
    @inlinable
    package mutating func record(_ value: UInt64) {
        let bucket = value <= 1 ? 0 : min(Self.bucketCount - 1, 64 - (value - 1).leadingZeroBitCount)
        counts[bucket] &+= 1
        sum &+= value
    }

    /// Adds another loop's counts.
    mutating func add(_ other: Log2Histogram) {
        for bucket in 0..<Self.bucketCount { counts[bucket] &+= other.counts[bucket] }
        sum &+= other.sum
    }
}
