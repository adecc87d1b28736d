import Cuttings
import Testing

@testable import WebSocket

@Suite("UTF-8 as it arrives")
struct UTF8ValidatorTests {
    /// Whether the bytes are UTF-8, in any cutting.
    private func isValid(_ bytes: [UInt8]) -> Bool {
        let cuttings = Cutting.all(of: bytes)
        let whole = isValid(cuttings[0])
        for cutting in cuttings { #expect(isValid(cutting) == whole, "\(cutting.name)") }
        return whole
    }

    private func isValid(_ cutting: Cutting) -> Bool {
        var validator = UTF8Validator()
        for piece in cutting.pieces {
            guard piece.withUnsafeBytes({ validator.accept($0) }) else { return false }
        }
        return validator.isComplete
    }

    @Test("the first and last character of every length are valid")
    func edges() {
        let scalars: [Unicode.Scalar] = [
            "\u{0}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "\u{D7FF}",
            "\u{E000}",
        ]
        for scalar in scalars { #expect(isValid(Array(String(scalar).utf8)), "\(scalar.value)") }
    }

    @Test(
        "what is no character is refused",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xC3, 0x28],
            [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xF0, 0x28, 0x8C, 0xBC], [0xF0, 0x90, 0x28, 0xBC], [0xC3],
            [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func invalid(bytes: [UInt8]) {
        #expect(!isValid(bytes))
        #expect(!isValid(Array("eight by".utf8) + bytes + Array("te words".utf8)))
    }

    @Test("every sequence of two bytes, and of three and four behind a lead byte, agrees with the standard library")
    func exhaustive() {
        let tails: [[UInt8]] = [[], [0x7F], [0x80], [0xBF], [0xC0], [0x80, 0x80], [0xBF, 0xBF]]
        var disagreements: [[UInt8]] = []
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                for tail in first < 0xE0 ? [[]] : tails {
                    let bytes = [first, second] + tail
                    var validator = UTF8Validator()
                    let isValid = bytes.withUnsafeBytes { validator.accept($0) } && validator.isComplete
                    if isValid != (String(validating: bytes, as: UTF8.self) != nil) { disagreements.append(bytes) }
                }
            }
        }
        #expect(disagreements.isEmpty)
    }

    @Test("random text, sometimes damaged, agrees with the standard library")
    func random() {
        let seed = UInt64.random(in: 0...999_999)
        var random = SplitMix(state: seed)
        for _ in 0..<300 {
            let characters = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                "aZ0 é€😀".randomElement(using: &random)!
            }
            var bytes = Array(String(characters).utf8)
            if !bytes.isEmpty && Bool.random(using: &random) {
                bytes[bytes.indices.randomElement(using: &random)!] = UInt8.random(in: 0...255, using: &random)
            }
            #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "seed \(seed)")
        }
    }

    @Test("text that is wrong fails before its frame ends")
    func failsEarly() throws {
        var decoder = WebSocketDecoder(role: .server, deflate: false)
        let frame = RawFrame(opcode: 1, payload: [0x61, 0xF4, 0x90] + [UInt8](repeating: 0x61, count: 100)).bytes()
        frame.prefix(6 + 2).withUnsafeBytes { decoder.append($0) }
        #expect(try decoder.next(inflater: nil) == nil)
        frame[8...8].withUnsafeBytes { decoder.append($0) }
        #expect(throws: WebSocketError(closeCode: .invalidPayload, message: "text is not UTF-8")) {
            try decoder.next(inflater: nil)
        }
    }

    @Test("text that ends inside a character is 1007; binary is not looked at")
    func incomplete() {
        #expect(decode(RawFrame(opcode: 1, payload: [0xE2, 0x82])).error?.closeCode == .invalidPayload)
        #expect(decode(RawFrame(opcode: 2, payload: [0xFF, 0xFE])).events.count == 1)
    }

    @Test("one message's text has no influence on the next one's")
    func independent() {
        let outcome = decode(RawFrame(opcode: 2, payload: [0xE2]), .text("a"), RawFrame(opcode: 1, payload: [0x82]))
        #expect(outcome.events.count == 2 && outcome.error?.closeCode == .invalidPayload)
    }
}
