import REST
import EventLoop
import Testing

@testable import Node

@Suite("Unreadiness")
struct UnreadinessTests {
    @Test("a loop that does not listen yet is starting")
    func starting() async throws {
        let loop = try EventLoop(name: "starting")
        try loop.start()
        let actor = NodeLoop(loop: loop)
        #expect(await actor.condition() == nil)
        loop.stop()
        loop.join()
    }

    @Test("every cause has its own word, valid in a metric and in JSON")
    func words() {
        let words = Unreadiness.allCases.map(\.rawValue)
        #expect(Set(words).count == words.count)
        #expect(words.allSatisfy { $0.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F } })
    }
}
