import Testing

@testable import Telemetry

@Suite("Log2Histogram")
struct HistogramTests {
    @Test("a value falls into the bucket whose bound it does not exceed")
    func bounds() {
        for (value, bucket) in [
            (0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (1024, 10), (1025, 11), (1 << 22, 22), ((1 << 22) + 1, 23),
            (UInt64.max, 23),
        ] as [(UInt64, Int)] {
            var histogram = Log2Histogram()
            histogram.record(value)
            #expect(histogram.counts[bucket] == 1, "\(value)")
            #expect(histogram.sum == value)
        }
    }

    @Test("two loops' counts add up")
    func sums() {
        var one = Log2Histogram()
        var other = Log2Histogram()
        one.record(3)
        other.record(4)
        other.record(100)
        one.add(other)
        #expect(one.counts[2] == 2 && one.counts[7] == 1 && one.sum == 107)
    }
}
