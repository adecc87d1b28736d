import Bytes
import Testing

@testable import WebSocket

@Suite("permessage-deflate")
struct DeflateTests {
    private let text = Array(String(repeating: #"{"progress":45}"#, count: 200).utf8)

    @Test("a compressed message is read back, fragmented or not")
    func roundTrip() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        let frame = try #require(FrameEncoder.compressedText(text, Deflater(), mask: 5)).array
        #expect(frame[0] == 0xC1)
        #expect(frame.count < text.count / 4)
        for way in Feeding.everyWay(frame, seed: seed, deflate: true) {
            #expect(way.events == [.message(text: true, text)], "seed \(seed)")
        }
    }

    @Test("each message stands alone: the second is compressed as the first was")
    func noContextTakeover() throws {
        let deflater = Deflater()
        let first = try #require(FrameEncoder.compressedText(text, deflater)).array
        #expect(try #require(FrameEncoder.compressedText(text, deflater)).array == first)
    }

    @Test("short messages, and those that do not shrink, are not compressed")
    func notWorthIt() {
        #expect(FrameEncoder.compressedText(Array("short".utf8), Deflater()) == nil)
        var random = SeededRandom(seed: 1)
        let noise = (0..<2000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(FrameEncoder.compressedBinary(noise, Deflater()) == nil)
    }

    @Test("a bomb is stopped at the bound with 1009")
    func bomb() throws {
        let zeros = [UInt8](repeating: 0, count: 32 << 20)
        let frame = try #require(FrameEncoder.compressedBinary(zeros, Deflater(), mask: 5)).array
        #expect(frame.count < 64 * 1024)
        #expect(Feeding(frame, pieces: [frame.count], deflate: true).error?.closeCode == .messageTooBig)
    }

    @Test("damaged data is closed with 1007")
    func damaged() {
        let frame = Client.frame(0xC2, [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(Feeding(frame, pieces: [99], deflate: true).error?.closeCode == .invalidPayload)
    }

    @Test("a compressed frame without agreement is closed with 1002")
    func notAgreed() throws {
        let frame = try #require(FrameEncoder.compressedText(text, Deflater(), mask: 5)).array
        #expect(Feeding(frame, pieces: [frame.count]).error?.closeCode == .protocolError)
    }

    @Test(
        "offers that are taken",
        arguments: [
            "permessage-deflate", "permessage-deflate; client_max_window_bits", "Permessage-Deflate;client_max_window_bits=10",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_max_window_bits=15", "permessage-deflate; client_max_window_bits=\"12\"",
        ])
    func taken(_ offer: String) throws {
        let answer = try #require(DeflateOffer(offer)?.answer)
        #expect(answer.hasPrefix("permessage-deflate; server_no_context_takeover; client_no_context_takeover"))
    }

    @Test(
        "offers that are passed over",
        arguments: [
            "x-webkit-deflate-frame", "permessage-deflate; server_max_window_bits=10", "permessage-deflate; unknown",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; client_max_window_bits=7", "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; client_max_window_bits=010",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        ])
    func passedOver(_ offer: String) { #expect(DeflateOffer(offer)?.answer == nil) }
}
