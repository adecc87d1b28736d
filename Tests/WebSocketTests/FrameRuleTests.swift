import Testing
import WebSocket

@Suite("Frame rules (RFC 6455 5.2 to 5.5)")
struct FrameRuleTests {
    private func closes(_ code: CloseCode, _ outcome: Outcome, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(outcome.error?.closeCode == code, sourceLocation: sourceLocation)
        #expect(outcome.events.isEmpty, sourceLocation: sourceLocation)
    }

    @Test("a reserved bit without an agreed extension is 1002", arguments: [1, 2, 3, 4, 5, 6, 7] as [UInt8])
    func reservedBits(rsv: UInt8) {
        for opcode in [1, 2, 8, 9, 10] as [UInt8] {
            closes(.protocolError, decode(RawFrame(opcode: opcode, rsv: rsv)))
        }
    }

    @Test("a reserved opcode is 1002, at its second byte", arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func reservedOpcodes(opcode: UInt8) {
        closes(.protocolError, decode(RawFrame(opcode: opcode)))
        closes(.protocolError, decode([0x80 | opcode, 0x85]))
    }

    @Test("a client's frame without a mask is 1002")
    func unmaskedClient() {
        closes(.protocolError, decode(RawFrame(opcode: 1, payload: [65], mask: nil)))
        closes(.protocolError, decode(RawFrame(opcode: 9, mask: nil)))
    }

    @Test("a server's frame with a mask is 1002")
    func maskedServer() {
        closes(.protocolError, decode(RawFrame.text("a").bytes(), role: .client))
    }

    @Test("a server's frame without a mask is read by a client")
    func unmaskedServer() {
        let frame = RawFrame(opcode: 1, payload: Array("hé".utf8), mask: nil)
        #expect(decode(frame.bytes(), role: .client).texts == ["hé"])
    }

    @Test("a fragmented control frame is 1002", arguments: [8, 9, 10] as [UInt8])
    func fragmentedControl(opcode: UInt8) {
        closes(.protocolError, decode(RawFrame(opcode: opcode, isFinal: false)))
    }

    @Test("a control frame above 125 bytes is 1002, before its payload", arguments: [8, 9, 10] as [UInt8])
    func longControl(opcode: UInt8) {
        let frame = RawFrame(opcode: opcode, payload: [UInt8](repeating: 65, count: 126)).bytes()
        closes(.protocolError, decode(frame))
        closes(.protocolError, decode(Array(frame.prefix(2))))
    }

    @Test(
        "a length that is not in its shortest form is 1002",
        arguments: [(0, 2), (125, 2), (125, 8), (126, 8), (65_535, 8)])
    func longForm(count: Int, lengthBytes: Int) {
        let frame = RawFrame(opcode: 2, payload: [UInt8](repeating: 65, count: count))
        closes(.protocolError, decode(frame.bytes(lengthBytes: lengthBytes)))
    }

    @Test("a length above 63 bits is 1002")
    func negativeLength() {
        closes(.protocolError, decode([0x82, 0xFF] + [UInt8](repeating: 0xFF, count: 8) + [0, 0, 0, 0]))
    }

    @Test("a length just below 2^63 is 1009")
    func hugeLength() {
        closes(.messageTooBig, decode([0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0]))
    }

    @Test("a continuation of nothing is 1002")
    func strayContinuation() {
        closes(.protocolError, decode(RawFrame.more("a")))
        closes(.protocolError, decode(RawFrame.more("a", isFinal: false)))
        let afterMessage = decode(.text("a"), .more("b"))
        #expect(afterMessage.texts == ["a"] && afterMessage.error?.closeCode == .protocolError)
    }

    @Test("a new message inside a fragmented one is 1002")
    func newMessageInside() {
        closes(.protocolError, decode(.text("a", isFinal: false), .text("b")))
        closes(.protocolError, decode(.text("a", isFinal: false), RawFrame(opcode: 2, isFinal: false)))
    }

    @Test("nothing after an error is read")
    func afterError() {
        let outcome = decode(.text("a"), RawFrame(opcode: 3), .text("b"))
        #expect(outcome.texts == ["a"])
    }
}
