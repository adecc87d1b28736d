import Testing

/// One channel's decisions, performed by the test's own loop, against a minimal Redis.
@Suite("ChannelWorld")
struct ChannelWorldTests {
    /// With any loss, repetition, forgery, trimming and order of answers, and viewers that come, leave or read slowly.
    @Test(
        "each viewer is told every number once, upwards, or how many are gone; the loop ends up knowing what Redis knows"
    )
    func randomised() {
        let seed = UInt64.random(in: 1...UInt64.max)
        for round in 0..<150 as Range<UInt64> {
            var random = SplitMix(state: seed &+ round)
            var world = ChannelWorld(random: &random)
            for _ in 0..<300 { world.act(&random) }
            world.settle()
            #expect(world.faults.isEmpty, "seed \(seed &+ round): \(world.faults)")
            if !world.faults.isEmpty { break }
        }
    }

    /// Rare, so these schedules are always the same.
    @Test("the schedules also close channels")
    func closes() {
        var closes = 0
        for seed in 0..<300 as Range<UInt64> where closes == 0 {
            var random = SplitMix(state: seed)
            var world = ChannelWorld(random: &random)
            for _ in 0..<300 { world.act(&random) }
            world.settle()
            closes += world.closes
        }
        #expect(closes > 0)
    }
}
