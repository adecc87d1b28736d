import Testing

@testable import Access

@Suite("TokenBucket")
struct TokenBucketTests {
    @Test("gives a burst, then the steady rate, never more")
    func burstThenRate() {
        var bucket = TokenBucket(burst: 100, now: 0)
        let burst = (0..<200).count { _ in bucket.take(perSecond: 50, burst: 100, now: 0) }
        #expect(burst == 100)
        let second = (1...1000).count { bucket.take(perSecond: 50, burst: 100, now: UInt64($0)) }
        #expect((49...51).contains(second))
        let afterPause = (0..<500).count { _ in bucket.take(perSecond: 50, burst: 100, now: 100_000) }
        #expect(afterPause == 100)
    }

    @Test("continues when the loop's clock passes 2^32 milliseconds")
    func wraps() {
        let edge = UInt64(UInt32.max)
        var bucket = TokenBucket(burst: 1, now: edge)
        let taken = [edge, edge + 10, edge + 1011].map { bucket.take(perSecond: 1, burst: 1, now: $0) }
        #expect(taken == [true, false, true])
    }

    @Test("a burst of 0, a rate of 0 and a clock that stands still give nothing, and nothing traps")
    func extremes() {
        var empty = TokenBucket(burst: 0, now: 0)
        let isTaken = empty.take(perSecond: 0, burst: 0, now: .max)
        #expect(!isTaken)
        var fixed = TokenBucket(burst: 1, now: .max)
        // The last millisecond of 2^32, then the next ones.
        let tries: [(rate: Int, now: UInt64)] = [(0, .max), (0, 0), (.max, 0), (.max, 1)]
        let taken = tries.map { fixed.take(perSecond: $0.rate, burst: 1, now: $0.now) }
        #expect(taken == [true, false, false, true])
        var huge = TokenBucket(burst: .max, now: 0)
        let isTakenOfMany = huge.take(perSecond: .max, burst: .max, now: .max)
        #expect(isTakenOfMany)
    }

    @Test("a lowered bound applies at once")
    func lowered() {
        var bucket = TokenBucket(burst: 100, now: 0)
        let taken = (0..<10).count { _ in bucket.take(perSecond: 1, burst: 3, now: 0) }
        #expect(taken == 3)
    }

    @Test("every connection has one, so it stays small")
    func size() { #expect(MemoryLayout<TokenBucket>.size == 8) }
}
