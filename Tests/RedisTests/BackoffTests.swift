import Testing

@testable import RESP
@testable import Redis

@Suite("Backoff")
struct BackoffTests {
    /// Always the same. Not 0: the standard library draws again and again until the bits are fair.
    private struct Extreme: RandomNumberGenerator {
        let value: UInt64
        mutating func next() -> UInt64 { value }
    }

    private func waits(_ random: inout some RandomNumberGenerator, _ count: Int, _ backoff: inout Backoff) -> [UInt64] {
        (0..<count).map { _ in backoff.next(using: &random) }
    }

    @Test("doubles up to its bound when the draw is the highest")
    func doubles() {
        var backoff = Backoff(least: 50, most: 5_000)
        var random = Extreme(value: .max)
        #expect(waits(&random, 9, &backoff) == [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
        backoff.reset()
        #expect(backoff.next(using: &random) == 100)
    }

    @Test("never spins when the draw is the lowest")
    func floor() {
        var backoff = Backoff(least: 50, most: 5_000)
        var random = Extreme(value: 1 << 32)
        #expect(waits(&random, 5, &backoff) == [50, 50, 50, 50, 50])
    }

    @Test("spreads the nodes that lost Redis at the same moment")
    func jitter() {
        var random = SeededRandom()
        let firsts = Set(
            (0..<200).map { _ in
                var backoff = Backoff(least: 50, most: 5_000)
                return waits(&random, 6, &backoff).last!
            })
        #expect(firsts.count > 150, "seed \(random.seed)")
    }
}
