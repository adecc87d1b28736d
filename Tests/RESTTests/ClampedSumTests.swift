import Testing

@testable import REST

/// Anybody with access to Redis may have written these numbers.
@Suite("Sums of numbers out of Redis")
struct ClampedSumTests {
    private static let edges: [Int64] = [
        .min, .min + 1, -1, 0, 1, 1 << 31 - 1, 1 << 31, 1 << 53, 1 << 53 + 1, .max - 1, .max,
    ]

    @Test("sums stay within what an integer holds", arguments: edges)
    func sums(_ number: Int64) {
        #expect([number].clampedSum == number && [number, 0].clampedSum == number)
        let twice = [number, number].clampedSum
        #expect(number > Int64.max / 2 ? twice == .max : number < Int64.min / 2 ? twice == .min : twice == number * 2)
        #expect([Int64]().clampedSum == 0)
    }
}
