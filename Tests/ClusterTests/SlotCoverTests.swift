import RESP
import Testing

@testable import Cluster

@Suite("The connections that hear an open slot at its new master")
struct SlotCoverTests {
    private func cover(_ number: Int = 1, _ channels: Set<String> = ["a"], heard: Bool = true) -> SlotCover {
        var cover = SlotCover(number, channels: channels)
        if heard { for channel in channels { _ = cover.confirm(channel, over: number) } }
        return cover
    }

    @Test("hear when every channel is confirmed, each once, over the connection that asked")
    func confirmed() {
        var cover = cover(1, ["a", "b"], heard: false)
        #expect(!cover.hears("a") && !cover.isHeard && cover.channels == ["a", "b"])
        #expect(cover.confirm("a", over: 2) == [] && cover.confirm("c", over: 1) == [] && !cover.hears("a"))
        #expect(cover.confirm("a", over: 1) == [])
        #expect(cover.hears("a") && !cover.hears("b") && !cover.hears("c") && !cover.isHeard)
        #expect(cover.confirm("b", over: 1) == [.tellHeard])
        #expect(cover.isHeard && cover.confirm("b", over: 1) == [])
        #expect(cover.lose(2) == [] && cover.lose(1) == [.end])
    }

    @Test("one that is replaced hears until the next one hears as much")
    func replaced() {
        var cover = cover()
        #expect(cover.replace(by: 2, channels: ["a", "b"]) == [])
        #expect(cover.hears("a") && !cover.hears("b") && !cover.isHeard)
        #expect(cover.confirm("a", over: 2) == [] && cover.confirm("b", over: 2) == [.close(1), .tellHeard])
        #expect(cover.lose(1) == [] && cover.hears("a") && cover.hears("b"))
    }

    @Test("one that is replaced before it hears is closed at once; what was there before it stays")
    func replacedTwice() {
        var cover = cover()
        _ = cover.replace(by: 2, channels: ["a", "b"])
        #expect(cover.replace(by: 3, channels: ["a", "b", "c"]) == [.close(2)])
        #expect(cover.hears("a") && cover.confirm("b", over: 2) == [] && !cover.hears("b") && cover.lose(2) == [])
        for channel in ["a", "b"] { #expect(cover.confirm(channel, over: 3) == []) }
        #expect(cover.confirm("c", over: 3) == [.close(1), .tellHeard])
    }

    @Test("one that is replaced and lost hears nothing from then on")
    func formerLost() {
        var cover = cover()
        _ = cover.replace(by: 2, channels: ["a", "b"])
        #expect(cover.lose(1) == [.close(1), .tellLost] && !cover.hears("a") && cover.lose(1) == [])
        #expect(cover.confirm("a", over: 2) == [] && cover.hears("a"))
        #expect(cover.confirm("b", over: 2) == [.tellHeard])
    }

    @Test("when the last one is lost, all is over, also where the one before still hears")
    func lost() {
        var cover = cover()
        _ = cover.replace(by: 2, channels: ["a", "b"])
        #expect(cover.lose(2) == [.end])
    }
}
