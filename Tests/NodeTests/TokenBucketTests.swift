import Testing

@testable import Node

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

    @Test("goes on when the loop's clock passes 2^32 milliseconds")
    func wraps() {
        let edge = UInt64(UInt32.max)
        var bucket = TokenBucket(burst: 1, now: edge)
        let taken = [edge, edge + 10, edge + 1011].map { bucket.take(perSecond: 1, burst: 1, now: $0) }
        #expect(taken == [true, false, true])
    }
}
