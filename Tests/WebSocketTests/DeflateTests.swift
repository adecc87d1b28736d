import Base
import Testing

@testable import WebSocket

@Suite("permessage-deflate (RFC 7692)")
struct DeflateTests {
    /// A compressed message in one frame, from a client.
    private func compressed(_ payload: [UInt8], opcode: UInt8 = 1) -> RawFrame {
        RawFrame(opcode: opcode, payload: payload, rsv: 4)
    }

    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    @Test("the examples of RFC 7692 7.2.3 are read, each for itself")
    func examples() {
        let oneBlock = compressed(Self.hello)
        let stored = compressed([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00])
        let lastBlock = compressed([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00])
        let twoBlocks = compressed([0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00])
        let outcome = decode(oneBlock, oneBlock, stored, lastBlock, twoBlocks, .text("plain"), deflate: true)
        #expect(outcome.texts == ["Hello", "Hello", "Hello", "Hello", "Hello", "plain"])
    }

    @Test("invalid compressed data is the peer's error, unless zlib itself failed", arguments: [2, -3, -2, -4])
    func fault(_ status: Int32) {
        let isOurs = status == -2 || status == -4  // Z_STREAM_ERROR, Z_MEM_ERROR
        #expect(Inflater.failure(status).closeCode == (isOurs ? .internalError : .invalidPayload))
    }

    @Test("an empty message compressed, as RFC 7692 7.2.3.6 says")
    func empty() {
        #expect(decode(compressed([0x00]), deflate: true).texts == [""])
    }

    @Test("a compressed message may be fragmented, with pings between; only its first frame is marked")
    func fragmented() {
        let first = RawFrame(opcode: 1, payload: Array(Self.hello.prefix(3)), isFinal: false, rsv: 4)
        let rest = RawFrame(opcode: 0, payload: Array(Self.hello.dropFirst(3)))
        let outcome = decode(first, RawFrame(opcode: 9), rest, deflate: true)
        #expect(outcome.events == [.ping([]), .message(text: true, Array("Hello".utf8))])
    }

    @Test("RSV1 in a wrong frame is 1002")
    func misplacedMark() {
        let first = RawFrame(opcode: 1, payload: Array(Self.hello.prefix(3)), isFinal: false, rsv: 4)
        let rest = RawFrame(opcode: 0, payload: Array(Self.hello.dropFirst(3)), rsv: 4)
        #expect(decode(first, rest, deflate: true).error?.closeCode == .protocolError)
        #expect(decode(RawFrame(opcode: 9, rsv: 4), deflate: true).error?.closeCode == .protocolError)
        #expect(decode(RawFrame(opcode: 1, rsv: 2), deflate: true).error?.closeCode == .protocolError)
        #expect(decode(compressed(Self.hello), deflate: false).error?.closeCode == .protocolError)
    }

    @Test("data that cannot be inflated is 1007")
    func damaged() {
        for payload in [[0x06], [0xFF, 0xFF, 0xFF], [], Array(Self.hello.prefix(4)), [0x00, 0x05, 0x00, 0x00]]
            as [[UInt8]]
        {
            #expect(decode(compressed(payload), deflate: true).error?.closeCode == .invalidPayload, "\(payload)")
        }
    }

    @Test("damaged data never traps, whatever it is")
    func noise() {
        let inflater = Inflater()
        for _ in 0..<3000 {
            let payload = (0..<Int.random(in: 0...60)).map { _ in UInt8.random(in: 0...255) }
            _ = try? inflater.inflate(payload, text: .random(), maxBytes: 10_000)
        }
    }

    @Test("inflated text that is not UTF-8 is 1007; binary is not looked at")
    func invalidText() {
        let stored: [UInt8] = [0x00, 0x02, 0x00, 0xFD, 0xFF, 0x61, 0xE2, 0x00]
        #expect(decode(compressed(stored), deflate: true).error?.closeCode == .invalidPayload)
        #expect(decode(compressed(stored, opcode: 2), deflate: true).events == [.message(text: false, [0x61, 0xE2])])
    }

    @Test("a message that inflates to the limit passes, one byte more is 1009")
    func limit() throws {
        let deflater = Deflater()
        let limits = WebSocketLimits(maxMessageBytes: 64 * 1024, maxInflatedBytes: 40_000)
        for (count, passes) in [(40_000, true), (40_001, false)] {
            let payload = [UInt8](repeating: 0x61, count: count)
            let frame = try #require(FrameEncoder.compressedText(payload, deflater, mask: 1)).array
            let outcome = decode(frame, limits: limits, deflate: true)
            let isAsExpected = outcome.events == (passes ? [.message(text: true, payload)] : [])
            #expect(isAsExpected)  // apart, so that a failure does not print the messages
            #expect(outcome.error?.closeCode == (passes ? nil : .messageTooBig))
        }
    }

    @Test("a bomb is refused at the bound: the output never exceeds it")
    func bomb() throws {
        // 60 MiB of zeros become 60 KB, and those 60 KB nearly nothing.
        let deflater = Deflater()
        let zeros = [UInt8](repeating: 0, count: 60 << 20)
        let bomb = try #require(deflater.deflate(zeros) { Array($0) })
        #expect(bomb.count < 64 * 1024)
        let inflater = Inflater()
        #expect(throws: WebSocketError(closeCode: .messageTooBig, message: "message larger than 65536 bytes")) {
            try inflater.inflate(bomb, text: false, maxBytes: 65_536)
        }
        #expect(inflater.inflatedCount <= 65_536 + WebSocketLimits.inflateStepBytes)
        #expect(try inflater.inflate(Self.hello, text: true, maxBytes: 5) == Array("Hello".utf8))
    }

    @Test("what one side compresses the other reads, in both directions", arguments: [1024, 1025, 20_000, 65_536])
    func roundTrip(count: Int) throws {
        let deflater = Deflater()
        let payload = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 11) }
        for _ in 0..<3 {
            let toClient = try #require(FrameEncoder.compressedText(payload, deflater)).array
            #expect(toClient.count < count && toClient[0] == 0xC1)
            #expect(decode(toClient, role: .client, deflate: true).events == [.message(text: true, payload)])
            let toServer = try #require(FrameEncoder.compressedBinary(payload, deflater, mask: 0x0102_0304)).array
            #expect(decode(toServer, deflate: true).events == [.message(text: false, payload)])
        }
    }

    @Test("a message that is short or does not shrink goes out as it is")
    func notWorthIt() {
        let deflater = Deflater()
        #expect(FrameEncoder.compressedText([UInt8](repeating: 65, count: 1023), deflater) == nil)
        let noise = (0..<4096).map { _ in UInt8.random(in: 0...255) }
        #expect(FrameEncoder.compressedBinary(noise, deflater) == nil)
        let text = [UInt8](repeating: 65, count: 1024)
        #expect(FrameEncoder.compressedText(text, deflater) != nil)
    }
}

extension DeflateTests {
    @Test("the same message is compressed to the same bytes, whatever went before")
    func noContextTakeover() throws {
        let deflater = Deflater()
        let payload = Array(String(repeating: #"{"type":"progress","progress":45}"#, count: 40).utf8)
        let first = try #require(FrameEncoder.compressedText(payload, deflater)).array
        _ = FrameEncoder.compressedText([UInt8](repeating: 66, count: 5000), deflater)
        #expect(try #require(FrameEncoder.compressedText(payload, deflater)).array == first)
    }
}

extension DeflateTests {
    @Test("the narrow window's output reaches back no further than 512 bytes, and every window reads it")
    func narrowWindow() throws {
        let deflater = Deflater()
        // 600 bytes that repeat nothing, four times over: only a window above 512 bytes finds the repetition.
        var state: UInt32 = 1
        let noise = (0..<600).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        let payload = noise + noise + noise + noise
        let wide = try #require(FrameEncoder.compressedBinary(payload, deflater)).array
        #expect(wide.count < 800)
        let withoutRepetition = FrameEncoder.compressedBinary(payload, deflater.narrow)?.array.count ?? payload.count
        #expect(withoutRepetition > 1_800)
        let text = Array(String(repeating: #"{"type":"progress","progress":45}"#, count: 40).utf8)
        let narrow = try #require(FrameEncoder.compressedText(text, deflater.narrow)).array
        #expect(decode(narrow, role: .client, deflate: true).events == [.message(text: true, text)])
    }
}
