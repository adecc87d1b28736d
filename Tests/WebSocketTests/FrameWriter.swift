import Bytes

@testable import WebSocket

/// Frames as a client sends them, correct or not.
enum Client {
    static let mask: UInt32 = 0x37FA_213D

    /// One frame with the first byte as given, masked.
    static func frame(_ first: UInt8, _ payload: [UInt8], mask: UInt32? = mask) -> [UInt8] {
        let bit: UInt8 = mask == nil ? 0 : 0x80
        var bytes = [first]
        switch payload.count {
        case ...125: bytes.append(bit | UInt8(payload.count))
        case ...0xFFFF: bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [bit | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard let mask else { return bytes + payload }
        let key = (0..<4).map { UInt8(truncatingIfNeeded: mask >> (24 - $0 * 8)) }
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    static func text(_ text: String) -> [UInt8] { frame(0x81, Array(text.utf8)) }
}

/// Feeds a decoder in pieces and collects what comes out, up to the first error.
struct Feeding {
    var events: [WebSocketDecoder.Event] = []
    var error: WebSocketError?

    init(_ bytes: [UInt8], pieces: [Int], deflate: Bool = false, limits: WebSocketLimits = WebSocketLimits()) {
        var decoder = WebSocketDecoder(role: .server, limits: limits, deflate: deflate)
        let inflater = Inflater()
        var offset = 0
        for piece in pieces + [bytes.count] {
            let end = min(bytes.count, offset + piece)
            bytes[offset..<end].withUnsafeBytes { decoder.append($0) }
            offset = end
            do throws(WebSocketError) {
                while let event = try decoder.next(inflater: inflater) { events.append(event) }
            } catch {
                self.error = error
                return
            }
        }
    }

    /// Whole, byte by byte, and cut at random places.
    static func everyWay(
        _ bytes: [UInt8], seed: UInt64, deflate: Bool = false, limits: WebSocketLimits = WebSocketLimits()
    ) -> [Feeding] {
        var random = SeededRandom(seed: seed)
        let cuts = (0..<bytes.count).map { _ in Int.random(in: 0...7, using: &random) }
        return [[bytes.count], Array(repeating: 1, count: bytes.count), cuts].map {
            Feeding(bytes, pieces: $0, deflate: deflate, limits: limits)
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
