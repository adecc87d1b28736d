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

    @Test("after a number lines wait until it is old", arguments: [0, 1, UInt64(Int64.max), .max - 20_000, .max])
    func numbers(_ now: UInt64) {
        var signs = SignOfLife()
        signs.sawNumber(at: now)
        #expect(now == .max || signs.saw("a", at: now) == nil)
        #expect(now > .max - 10_000 || signs.saw("a", at: now + SignOfLife.quietMilliseconds - 1) == nil)
        #expect(now > .max - 10_000 || signs.saw("a", at: now + SignOfLife.quietMilliseconds) != nil)
    }
}
