import Testing

@testable import Telemetry

@Suite("Sampled log lines")
struct LineSampleTests {
    @Test("all lines are written up to the burst, then so many a second, and the next one counts what was left out")
    func sample() {
        var sample = LineSample(perSecond: 2, burst: 3, now: 1_000)
        #expect((0..<5).map { _ in sample.take(now: 1_000) } == [0, 0, 0, nil, nil])
        #expect(sample.take(now: 1_499) == nil)
        #expect(sample.take(now: 1_500) == 3)
        #expect(sample.take(now: 1_500) == nil && sample.take(now: 2_000) == 1)
        #expect((0..<4).map { _ in sample.take(now: 100_000) } == [0, 0, 0, nil])
    }

    @Test("the loop's time at its extremes ends nothing")
    func extremes() {
        for now in [0, 1, 1 << 31, 1 << 32, 1 << 53, UInt64.max] {
            var sample = LineSample(perSecond: 1, burst: 1, now: 0)
            #expect(sample.take(now: now) == 0)
        }
    }
}
