import Dialects
import Events
import Hub
import Testing

@testable import Following

@Suite("The welcome of a viewer")
struct WelcomeTests {
    private func welcome(
        listens: Bool = true, mayWatch: Bool = true, asks: Bool = false, isQuiet: Bool = false,
        isReturning: Bool = false
    ) -> Joiner.Welcome {
        let viewer = FakeViewer(Words())
        var joiner = Joiner(viewer: viewer, request: nil, newcomer: Newcomer(since: nil, isQuiet: isQuiet))
        joiner.newcomer.isReturning = isReturning
        if asks { joiner.question = Question(.everyone, of: viewer, request: nil, isRepeated: false) }
        return joiner.welcome(isListening: listens, mayWatch: mayWatch)
    }

    @Test("a closing connection gets nothing", arguments: [true, false], [true, false])
    func gone(mayWatch: Bool, asks: Bool) {
        #expect(welcome(listens: false, mayWatch: mayWatch, asks: asks) == .gone)
        #expect(welcome(listens: false, mayWatch: mayWatch, asks: asks, isQuiet: true) == .gone)
        #expect(welcome(listens: false, mayWatch: mayWatch, asks: asks, isReturning: true) == .gone)
    }

    @Test("a stranger is refused, whatever it came for")
    func stranger() {
        #expect(welcome(mayWatch: false) == .stranger)
        #expect(welcome(mayWatch: false, asks: true, isQuiet: true) == .stranger)
        #expect(welcome(mayWatch: false, isQuiet: true) == .stranger)
        #expect(welcome(mayWatch: false, isReturning: true) == .stranger)
    }

    @Test("everybody else gets what it came for")
    func others() {
        #expect(welcome() == .newcomer)
        #expect(welcome(isReturning: true) == .returning)
        #expect(welcome(isQuiet: true) == .silent)
        #expect(welcome(isQuiet: true, isReturning: true) == .silent)
        #expect(welcome(asks: true, isQuiet: true) == .asker)
        #expect(welcome(asks: true) == .asker)
    }
}
