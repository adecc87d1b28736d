import Testing
import WebSocket

@Suite("Close (RFC 6455 5.5.1, 7.4)")
struct CloseTests {
    private func close(_ payload: [UInt8]) -> Outcome { decode(RawFrame(opcode: 8, payload: payload)) }

    private func close(_ code: UInt16, _ reason: [UInt8] = []) -> Outcome {
        close([UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    @Test("an empty close has no code")
    func empty() {
        #expect(close([]).events == [.close(nil, reason: "")])
    }

    @Test("code and reason arrive")
    func codeAndReason() {
        #expect(close(1001, Array("bye €".utf8)).events == [.close(.goingAway, reason: "bye €")])
        let longest = [UInt8](repeating: 65, count: 123)
        #expect(close(4000, longest).events.count == 1)
    }

    @Test("half a code is 1002")
    func halfCode() {
        #expect(close([3]).error?.closeCode == .protocolError)
    }

    @Test(
        "a code that may be sent is taken",
        arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
            as [UInt16])
    func validCodes(code: UInt16) {
        #expect(close(code).events == [.close(CloseCode(rawValue: code), reason: "")])
    }

    @Test(
        "a code that may not be sent is 1002",
        arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] as [UInt16])
    func invalidCodes(code: UInt16) {
        #expect(close(code).error?.closeCode == .protocolError)
    }

    @Test("a reason that is not UTF-8 is 1007")
    func invalidReason() {
        #expect(close(1000, [0xCE, 0xBA, 0xED, 0xA0, 0x80]).error?.closeCode == .invalidPayload)
        #expect(close(1000, [0xE2, 0x82]).error?.closeCode == .invalidPayload)
    }

    @Test("nothing that comes after a close is read, not even what is wrong")
    func afterClose() {
        let outcome = decode(RawFrame(opcode: 8), .text("a"), RawFrame(opcode: 3))
        #expect(outcome.events == [.close(nil, reason: "")] && outcome.error == nil)
    }

    @Test("a close inside a fragmented message ends it")
    func insideMessage() {
        #expect(decode(.text("a", isFinal: false), RawFrame(opcode: 8)).events == [.close(nil, reason: "")])
    }
}
