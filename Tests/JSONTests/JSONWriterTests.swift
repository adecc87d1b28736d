import JSON
import Testing

@Suite("JSONWriter")
struct JSONWriterTests {
    @Test("a string in pieces is the string of them joined, wherever it stands")
    func pieces() throws {
        let texts = ["", "msg_", "\"\\", "\u{0}\u{1F}", "é中\u{1F600}"]
        for first in texts {
            for second in texts {
                var pieces = JSONWriter(capacity: 8)
                var whole = JSONWriter(capacity: 8)
                pieces.beginArray()
                whole.beginArray()
                for _ in 0..<2 {
                    pieces.beginString()
                    pieces.piece(first)
                    pieces.piece(":" as StaticString)
                    pieces.piece(UInt64.max)
                    pieces.piece(second)
                    pieces.endString()
                    pieces.integer(1)
                    whole.string("\(first):\(UInt64.max)\(second)")
                    whole.integer(1)
                }
                pieces.endArray()
                whole.endArray()
                #expect(pieces.bytes == whole.bytes)
            }
        }
    }
}
