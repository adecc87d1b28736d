import Cuttings
import HTTP
import Testing

@Suite("Event stream decoder")
struct EventStreamDecoderTests {
    /// The events in `input`, in any cutting.
    private func events(_ input: String) throws -> [EventStreamDecoder.Event] {
        let cuttings = Cutting.all(of: Array(input.utf8))
        let all = try cuttings.map { cutting in
            var decoder = EventStreamDecoder(maxBytes: 100)
            return try cutting.pieces.flatMap { try decoder.append($0) }
        }
        for (other, cutting) in zip(all, cuttings) { #expect(other == all[0], "\(cutting.name)") }
        return all[0]
    }

    private func event(_ data: String, type: String = "message", id: String = "") -> EventStreamDecoder.Event {
        EventStreamDecoder.Event(type: type, data: Array(data.utf8), id: id)
    }

    @Test("id and data, a snapshot, comments between")
    func ours() throws {
        #expect(
            try events(
                ": still here\n\nid: e:1\nevent: snapshot\ndata: {\"a\":1}\n\n: still here\n\nid: e:2\ndata: {}\n\n")
                == [event("{\"a\":1}", type: "snapshot", id: "e:1"), event("{}", id: "e:2")])
    }

    @Test("every line end, and data of several lines")
    func lineEnds() throws {
        #expect(
            try events("data: a\r\ndata: b\r\n\r\ndata: c\r\rdata:d\n\n") == [event("a\nb"), event("c"), event("d")])
    }

    @Test("the id stays until there is another; an unfinished event is none")
    func ids() throws {
        #expect(
            try events("id: 7\ndata: a\n\ndata: b\n\ndata: unfinished\n") == [event("a", id: "7"), event("b", id: "7")])
        #expect(
            try events("id\ndata\n\nid: x\u{0}y\nretry: 5\nother: z\ndata:  two\n\n") == [event(""), event(" two")])
    }

    @Test("a byte order mark is skipped")
    func mark() throws { #expect(try events("\u{FEFF}data: a\n\n") == [event("a")]) }

    @Test("an event above the bound ends the stream")
    func bound() {
        var decoder = EventStreamDecoder(maxBytes: 100)
        #expect(throws: EventStreamDecoder.TooLarge.self) {
            try decoder.append(Array(("data: " + String(repeating: "x", count: 300)).utf8))
        }
        var lines = EventStreamDecoder(maxBytes: 100)
        #expect(throws: EventStreamDecoder.TooLarge.self) {
            try lines.append(Array(String(repeating: "data: 0123456789\n", count: 20).utf8))
        }
    }
}
