import Bytes
import Testing

@testable import WebSocket

@Suite("WebSocketDecoder")
struct WebSocketDecoderTests {
    private let seed = UInt64.random(in: 1...UInt64.max)

    private func events(_ bytes: [UInt8], limits: WebSocketLimits = WebSocketLimits()) -> [WebSocketDecoder.Event] {
        let ways = Feeding.everyWay(bytes, seed: seed, limits: limits)
        for way in ways {
            #expect(way.events == ways[0].events, "seed \(seed)")
            #expect(way.error == nil, "seed \(seed)")
        }
        return ways[0].events
    }

    private func closeCode(_ bytes: [UInt8], limits: WebSocketLimits = WebSocketLimits()) -> CloseCode? {
        let ways = Feeding.everyWay(bytes, seed: seed, limits: limits)
        for way in ways { #expect(way.error?.closeCode == ways[0].error?.closeCode, "seed \(seed)") }
        return ways[0].error?.closeCode
    }

    @Test("the masked Hello of RFC 6455 5.7")
    func hello() {
        #expect(
            events([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
                == [.message(text: true, Array("Hello".utf8))])
    }

    @Test("messages of every length form", arguments: [0, 1, 7, 8, 125, 126, 127, 65_535])
    func lengths(_ count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(events(Client.frame(0x82, payload)) == [.message(text: false, payload)])
    }

    @Test("a fragmented message with control frames in between")
    func fragments() {
        let bytes =
            Client.frame(0x01, Array("Hel".utf8)) + Client.frame(0x89, [1]) + Client.frame(0x00, [])
            + Client.frame(0x8A, [2]) + Client.frame(0x80, Array("lo".utf8)) + Client.text("next")
        #expect(
            events(bytes) == [
                .ping([1]), .pong([2]), .message(text: true, Array("Hello".utf8)),
                .message(text: true, Array("next".utf8)),
            ])
    }

    @Test("a character cut between two fragments is whole again")
    func cutCharacter() {
        let euro = Array("€".utf8)
        let bytes = Client.frame(0x01, [euro[0]]) + Client.frame(0x00, [euro[1]]) + Client.frame(0x80, [euro[2]])
        #expect(events(bytes) == [.message(text: true, euro)])
    }

    @Test(
        "what breaks the protocol is closed with 1002",
        arguments: [
            Client.frame(0x81, [1], mask: nil),  // not masked
            Client.frame(0xC1, [1]), Client.frame(0xA1, [1]), Client.frame(0x91, [1]),  // reserved bits
            Client.frame(0x83, [1]), Client.frame(0x8B, []),  // unknown opcodes
            Client.frame(0x80, [1]),  // nothing to continue
            Client.frame(0x01, [1]) + Client.frame(0x81, [1]),  // a new message too early
            Client.frame(0x09, []), Client.frame(0x08, []),  // fragmented control frames
            Client.frame(0x89, [UInt8](repeating: 0, count: 126)),  // a long ping
            [0x81, 0xFE, 0, 5, 0, 0, 0, 0] + [1, 2, 3, 4, 5],  // a length in too long a form
            [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],  // the highest bit of a length
            Client.frame(0x88, [3]),  // half a close code
        ])
    func protocolErrors(_ bytes: [UInt8]) { #expect(closeCode(bytes) == .protocolError) }

    @Test("text that is not UTF-8 is closed with 1007", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]])
    func badText(_ payload: [UInt8]) { #expect(closeCode(Client.frame(0x81, payload)) == .invalidPayload) }

    @Test("text is refused as its wrong byte arrives, before the message ends")
    func badTextEarly() {
        let frame = Client.frame(0x81, [0x61, 0xFF] + [UInt8](repeating: 0x61, count: 100))
        #expect(Feeding(Array(frame.prefix(8)), pieces: [8]).error?.closeCode == .invalidPayload)
    }

    @Test("a message above the bound is closed with 1009 before its payload arrives")
    func tooBig() {
        let limits = WebSocketLimits(maxMessageBytes: 1000, maxInflatedBytes: 1000)
        #expect(events(Client.frame(0x82, [UInt8](repeating: 1, count: 1000)), limits: limits).count == 1)
        let head = Array(Client.frame(0x82, [UInt8](repeating: 1, count: 1001)).prefix(8))
        #expect(closeCode(head, limits: limits) == .messageTooBig)
        let parts = Client.frame(0x02, [UInt8](repeating: 1, count: 600)) + Client.frame(0x80, [UInt8](repeating: 1, count: 401))
        #expect(closeCode(parts, limits: limits) == .messageTooBig)
        #expect(closeCode([0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 11), limits: limits) == .messageTooBig)
    }

    @Test("close codes that may be sent are read, others are an error")
    func closeCodes() {
        func close(_ code: Int, _ reason: String = "") -> [UInt8] {
            Client.frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
        }
        for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999] {
            #expect(events(close(code, "why")) == [.close(CloseCode(rawValue: UInt16(code)), reason: "why")])
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            #expect(closeCode(close(code)) == .protocolError, "\(code)")
        }
        #expect(events(Client.frame(0x88, [])) == [.close(nil, reason: "")])
        #expect(closeCode(Client.frame(0x88, [0x03, 0xE8, 0xFF])) == .invalidPayload)
    }

    @Test("nothing comes after a close")
    func afterClose() {
        #expect(events(Client.frame(0x88, []) + Client.text("late")) == [.close(nil, reason: "")])
    }

    @Test("as a client, frames of a server are read unmasked, and masked ones refused")
    func clientRole() {
        func decode(_ bytes: [UInt8]) throws -> WebSocketDecoder.Event? {
            var decoder = WebSocketDecoder(role: .client, deflate: false)
            bytes.withUnsafeBytes { decoder.append($0) }
            return try decoder.next(inflater: nil)
        }
        #expect(try! decode(FrameEncoder.text(Array("hi".utf8)).array) == .message(text: true, Array("hi".utf8)))
        #expect(throws: WebSocketError.self) { try decode(Client.text("hi")) }
    }

    @Test("what the encoder writes, masked, the decoder reads")
    func roundTrip() {
        for count in [0, 3, 125, 126, 65_535] {
            let payload = [UInt8](repeating: 0x61, count: count)
            #expect(events(FrameEncoder.text(payload, mask: 0xDEAD_BEEF).array) == [.message(text: true, payload)])
        }
        #expect(events(FrameEncoder.ping([9], mask: 1).array) == [.ping([9])])
        #expect(
            events(FrameEncoder.close(.policyViolation, reason: "no", mask: 7).array)
                == [.close(.policyViolation, reason: "no")])
    }

    @Test("a long close reason is cut between characters")
    func longReason() {
        let frame = FrameEncoder.close(.normal, reason: String(repeating: "é", count: 100)).array
        #expect(frame.count == 2 + 2 + 122)
        #expect(String(validating: frame[4...], as: UTF8.self) != nil)
    }
}
