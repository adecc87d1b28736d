import Base
import Cuttings
import Testing

@testable import WebSocket

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

    @Test("nothing after a close is read, not even an error")
    func afterClose() {
        let outcome = decode(RawFrame(opcode: 8), .text("a"), RawFrame(opcode: 3))
        #expect(outcome.events == [.close(nil, reason: "")] && outcome.error == nil)
    }

    @Test("a close inside a fragmented message ends it")
    func insideMessage() {
        #expect(decode(.text("a", isFinal: false), RawFrame(opcode: 8)).events == [.close(nil, reason: "")])
    }
}

@Suite("After this end's close (RFC 6455 1.4, 5.5.1)")
struct SeekingCloseTests {
    private let close = RawFrame(opcode: 8, payload: [0x03, 0xE8])

    /// The result of frames sent after this end's close, in every cutting; `before` came before it.
    private func decodeSeeking(
        _ frames: [RawFrame], before: [RawFrame] = [], deflate: Bool = false, inflater: Inflater? = nil
    ) -> Outcome {
        var outcomes: [Outcome] = []
        for cutting in Cutting.all(of: frames.flatMap { $0.bytes() }) {
            var decoder = WebSocketDecoder(role: .server, deflate: deflate)
            _ = feed(Cutting.all(of: before.flatMap { $0.bytes() })[0], to: &decoder, inflater)
            decoder.seekClose()
            outcomes.append(feed(cutting, to: &decoder, inflater))
            #expect(outcomes.last == outcomes[0], "\(cutting.name)")
        }
        return outcomes[0]
    }

    @Test("messages, pings and pongs are skipped, and the peer's close after them is found")
    func passesOver() {
        let long = RawFrame(opcode: 2, payload: [UInt8](repeating: 7, count: 70_000))
        let outcome = decodeSeeking([.text("a"), long, RawFrame(opcode: 9), .more("b"), RawFrame(opcode: 10), close])
        #expect(outcome.events == [.close(.normal, reason: "")] && outcome.error == nil)
    }

    @Test("nothing is inflated, so invalid compressed data is no error")
    func inflatesNothing() {
        let inflater = Inflater()
        let damaged = RawFrame(opcode: 1, payload: [0xFF, 0xFF, 0xFF, 0xFF], rsv: 4)
        let hello = RawFrame(opcode: 1, payload: [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], rsv: 4)
        let outcome = decodeSeeking([damaged, hello, hello, close], deflate: true, inflater: inflater)
        #expect(outcome.events == [.close(.normal, reason: "")] && outcome.error == nil)
        #expect(inflater.inflatedCount == 0)
    }

    @Test("an unfinished message is freed, wherever it was cut")
    func insideMessage() {
        let bytes = RawFrame.text("abcdefgh").bytes()
        for cut in 0...bytes.count {
            var decoder = WebSocketDecoder(role: .server, deflate: false)
            bytes[..<cut].withUnsafeBytes { decoder.append($0) }
            _ = try? decoder.next(inflater: nil)
            decoder.seekClose()
            (Array(bytes[cut...]) + close.bytes()).withUnsafeBytes { decoder.append($0) }
            #expect(try! decoder.next(inflater: nil) == .close(.normal, reason: ""), "cut at \(cut)")
            #expect(!decoder.holdsMemory)
        }
    }

    @Test("a frame of 2^63-1 bytes is skipped as long as it takes")
    func endless() throws {
        var decoder = WebSocketDecoder(role: .server, deflate: false)
        decoder.seekClose()
        let header: [UInt8] = [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4]
        (header + [UInt8](repeating: 0, count: 100_000)).withUnsafeBytes { decoder.append($0) }
        #expect(try decoder.next(inflater: nil) == nil)
        #expect(!decoder.holdsMemory)
    }

    @Test("an invalid frame is still an error")
    func noFrame() {
        #expect(decodeSeeking([.text("a"), RawFrame(opcode: 3), close]).error?.closeCode == .protocolError)
    }

    @Test("the answer to a close has its code, and 1000 where it has none")
    func answer() {
        #expect(FrameEncoder.close(answering: .goingAway).array == [0x88, 2, 0x03, 0xE9])
        #expect(FrameEncoder.close(answering: nil).array == [0x88, 2, 0x03, 0xE8])
    }
}
