import Testing

@testable import Connections

@Suite("RepliesInTurn")
struct RepliesInTurnTests {
    @Test("each comes in its turn, and new ones behind those that wait")
    func order() {
        var replies = RepliesInTurn()
        var said: [Int] = []
        let none = replies.next()
        #expect(replies.isEmpty && replies.count == 0 && none == nil)
        for number in 1...3 { replies.append { said.append(number) } }
        replies.next()?()
        replies.append { said.append(4) }
        #expect(replies.count == 3)
        while let next = replies.next() { next() }
        #expect(said == [1, 2, 3, 4] && replies.isEmpty)
        replies.append { said.append(5) }
        #expect(replies.count == 1)
        replies.next()?()
        #expect(said.last == 5)
    }

    @Test("called replies are freed when none waits any more")
    func memory() {
        final class Large {}
        var replies = RepliesInTurn()
        weak var held: Large?
        do {
            let large = Large()
            held = large
            replies.append { _ = large }
        }
        #expect(held != nil)
        _ = replies.next()
        #expect(held == nil)
    }
}
