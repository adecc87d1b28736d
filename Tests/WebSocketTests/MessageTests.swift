import Testing

@testable import WebSocket

@Suite("Messages (RFC 6455 5.4)")
struct MessageTests {
    @Test(
        "a message of every length form arrives as it was sent", arguments: [0, 1, 125, 126, 127, 128, 65_535, 65_536])
    func lengths(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(decode(RawFrame(opcode: 2, payload: payload)).events == [.message(text: false, payload)])
        let text = [UInt8](repeating: 65, count: count)
        #expect(decode(RawFrame(opcode: 1, payload: text)).events == [.message(text: true, text)])
    }

    @Test("the example of RFC 6455 5.7 in two fragments, unmasked")
    func example() {
        #expect(decode([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F], role: .client).texts == ["Hello"])
    }

    @Test("fragments are put together, empty ones too")
    func fragments() {
        let outcome = decode(
            .text("", isFinal: false), .more("a", isFinal: false), .more("", isFinal: false), .more("b"))
        #expect(outcome.events == [.message(text: true, Array("ab".utf8))])
        #expect(decode(.text("", isFinal: false), .more("")).texts == [""])
    }

    @Test("a character may be cut by fragments")
    func cutCharacter() {
        let euro = Array("€".utf8)
        let frames = [
            RawFrame(opcode: 1, payload: [euro[0]], isFinal: false),
            RawFrame(opcode: 0, payload: [euro[1]], isFinal: false),
            RawFrame(opcode: 0, payload: [euro[2]]),
        ]
        #expect(decode(frames.flatMap { $0.bytes() }).texts == ["€"])
    }

    @Test("control frames between fragments are delivered at once and do not disturb the message")
    func interleaved() {
        let outcome = decode(
            .text("a", isFinal: false), RawFrame(opcode: 9, payload: [1]), .more("b", isFinal: false),
            RawFrame(opcode: 10, payload: [2]), .more("c"))
        #expect(outcome.events == [.ping([1]), .pong([2]), .message(text: true, Array("abc".utf8))])
    }

    @Test("pings and pongs of 0 to 125 bytes", arguments: [0, 1, 7, 8, 9, 125])
    func control(count: Int) {
        let payload = (0..<count).map { UInt8(200 - $0) }
        let outcome = decode(RawFrame(opcode: 9, payload: payload), RawFrame(opcode: 10, payload: payload))
        #expect(outcome.events == [.ping(payload), .pong(payload)])
    }

    @Test("a message at the limit passes, one byte more is 1009 by its announcement")
    func limit() {
        let limits = WebSocketLimits(maxMessageBytes: 200)
        let frame = RawFrame(opcode: 2, payload: [UInt8](repeating: 1, count: 200))
        #expect(decode(frame, limits: limits).events.count == 1)
        let above = RawFrame(opcode: 2, payload: [UInt8](repeating: 1, count: 201)).bytes()
        #expect(decode(Array(above.prefix(8)), limits: limits).error?.closeCode == .messageTooBig)
    }

    @Test("fragments that together exceed the limit are 1009")
    func fragmentedLimit() {
        let limits = WebSocketLimits(maxMessageBytes: 4)
        #expect(decode(.text("ab", isFinal: false), .more("cd"), limits: limits).texts == ["abcd"])
        let outcome = decode(.text("ab", isFinal: false), .more("cd", isFinal: false), .more("e"), limits: limits)
        #expect(outcome.error?.closeCode == .messageTooBig)
    }

    @Test("many messages in one read are all delivered")
    func manyInOneRead() {
        let texts = (0..<500).map { "message \($0)" }
        #expect(decode(texts.flatMap { RawFrame.text($0).bytes() }).texts == texts)
    }

    @Test("the decoder is small, and holds nothing between messages")
    func idleSize() throws {
        #expect(MemoryLayout<WebSocketDecoder>.size <= 72)
        var decoder = WebSocketDecoder(role: .server, deflate: false)
        let frames = RawFrame.text("a").bytes() + RawFrame(opcode: 9).bytes() + RawFrame(opcode: 2).bytes()
        for byte in frames {
            withUnsafeBytes(of: byte) { decoder.append($0) }
            while try decoder.next(inflater: nil) != nil {}
        }
        #expect(!decoder.holdsMemory)
        RawFrame.text("a").bytes().dropLast().withUnsafeBytes { decoder.append($0) }
        #expect(try decoder.next(inflater: nil) == nil)
        #expect(decoder.holdsMemory)
    }
}
