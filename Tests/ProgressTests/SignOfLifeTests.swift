import Progress
import Testing

@Suite("Signs of life")
struct SignOfLifeTests {
    @Test("each new line is told, and none twice")
    func lines() {
        var signs = SignOfLife()
        #expect(signs.saw("", at: 0) == nil)
        #expect(signs.saw("a", at: 0)?.message == "a")
        #expect(signs.saw("a", at: 1) == nil)
        #expect(signs.saw("b", at: 1)?.message == "b")
    }

    @Test(
        "after a number lines wait until it is old",
        arguments: [0, 1, UInt64(Int64.max), UInt64.max - 20_000] as [UInt64])
    func numbers(_ now: UInt64) {
        var signs = SignOfLife()
        signs.sawNumber(at: now)
        #expect(signs.pause(at: now) == nil)
        #expect(signs.saw("a", at: now) == nil && signs.pause(at: now) == SignOfLife.quietMilliseconds)
        #expect(signs.saw("a", at: now + SignOfLife.quietMilliseconds - 1) == nil)
        #expect(signs.pause(at: now + SignOfLife.quietMilliseconds - 1) == 1)
        #expect(signs.saw("a", at: now + SignOfLife.quietMilliseconds) != nil)
        #expect(signs.pause(at: now + SignOfLife.quietMilliseconds) == nil)
    }

    @Test(
        "the end of time, and time that goes back, are no reason to tell",
        arguments: [0, 1, UInt64.max - 1, UInt64.max] as [UInt64])
    func extremes(_ now: UInt64) {
        var signs = SignOfLife()
        signs.sawNumber(at: .max)
        #expect(signs.saw("a", at: now) == nil && signs.pause(at: now) == SignOfLife.quietMilliseconds)
    }

    @Test("a line that a number follows waits no longer")
    func overtaken() {
        var signs = SignOfLife()
        signs.sawNumber(at: 0)
        #expect(signs.saw("a", at: 1) == nil && signs.pause(at: 1) != nil)
        #expect(signs.saw("", at: 2) == nil && signs.pause(at: 2) == nil)
    }
}
