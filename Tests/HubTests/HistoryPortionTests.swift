import Hub
import Testing

@Suite("A portion of a history")
struct HistoryPortionTests {
    /// Each step as its number, and how many are lost before it; then the end, and how many are lost before that.
    private func portion(
        after start: UInt64, upTo top: UInt64, _ numbers: [UInt64], isLast: Bool = false
    ) -> (steps: [[UInt64]], end: [UInt64]) {
        let portion = HistoryPortion(after: start, upTo: top, numbers: numbers, isLast: isLast)
        return (portion.steps.map { [numbers[$0.index], $0.missed] }, [portion.end, portion.missedAtEnd])
    }

    @Test(
        "which entries come next, and which numbers are gone",
        arguments: [
            // after, up to, the entries' numbers, [number, missed before it], [end, missed before it]
            (5, 8, [6, 7, 8], [[6, 0], [7, 0], [8, 0]], [8, 0]),  // all there
            (5, 8, [7, 8], [[7, 1], [8, 0]], [8, 0]),  // the oldest are gone
            (5, 8, [], [], [8, 3]),  // all gone
            (5, 5, [], [], [5, 0]),  // nothing came
            (5, 99, [6, 7], [[6, 0], [7, 0]], [7, 0]),  // more to read
            (5, 9, [6, 9], [[6, 0], [9, 2]], [9, 0]),  // numbers that were never kept
            (5, 7, [6, 7, 8, 9], [[6, 0], [7, 0]], [7, 0]),  // further than one stands
            (5, 7, [6, 9], [[6, 0]], [7, 1]),  // the same, and what is between is gone
            (5, 7, [9], [], [7, 2]),
            (5, 8, [3, 5, 6, 6, 7], [[6, 0], [7, 0]], [7, 0]),  // what is known already
            (9, 7, [8], [], [9, 0]),  // further than the channel stands
            (.max - 1, .max, [.max], [[.max, 0]], [.max, 0]),
            (0, .max, [], [], [.max, .max]),
        ] as [(UInt64, UInt64, [UInt64], [[UInt64]], [UInt64])])
    func cases(_ start: UInt64, _ top: UInt64, _ numbers: [UInt64], _ steps: [[UInt64]], _ end: [UInt64]) {
        let found = portion(after: start, upTo: top, numbers)
        #expect(found.steps == steps)
        #expect(found.end == end)
    }

    @Test("the last portion: events that it does not hold are lost")
    func last() {
        #expect(portion(after: 5, upTo: 9, [6], isLast: true).end == [9, 3])
    }
}
