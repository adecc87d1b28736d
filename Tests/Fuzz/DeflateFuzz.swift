@testable import WebSocket

/// The inflater under its bound, and the deflater against it.
enum DeflateFuzz {
    /// The first two bytes: whether it is text, and the bound.
    static let inflate = FuzzTarget(name: "inflate", seeds: { inflateSeeds() }) { input in
        guard input.count >= 2 else { return }
        let isText = input[0] & 1 == 0
        let maxBytes = 1 << (Int(input[0] >> 1 & 15)) + Int(input[1])
        let payload = Array(input.dropFirst(2))
        let fresh = message(payload, Inflater(), text: isText, maxBytes)
        demand(message(payload, used, text: isText, maxBytes) == fresh, "what came before shows through")
        if case .success(let bytes) = fresh {
            demand(bytes.count <= maxBytes, "\(bytes.count) bytes, above the bound of \(maxBytes)")
            demand(!isText || String(validating: bytes, as: UTF8.self) != nil, "text that is not UTF-8")
            if maxBytes > 0, !bytes.isEmpty {
                let bounded = message(payload, used, text: isText, bytes.count - 1)
                demand(bounded == .failure(.tooBig(maxBytes: bytes.count - 1)), "one byte above the bound: \(bounded)")
            }
        }
        demand(
            used.inflatedCount <= maxBytes + WebSocketLimits.inflateStepBytes, "inflated on, far above the bound")
    }

    static let roundTrip = FuzzTarget(name: "deflate", seeds: { [Array("abcabcabcabc".utf8), []] }) { input in
        // The deflater keeps only what is shorter, so the input is said four times.
        let text = input + input + input + input
        let compressed = deflater.deflate(text) { Array($0) }
        guard let compressed else { return }
        demand(compressed.count < max(1, text.count), "longer than the message")
        demand(
            message(compressed, used, text: false, text.count) == .success(text), "inflates to something else")
    }

    private nonisolated(unsafe) static let used = Inflater()
    private nonisolated(unsafe) static let deflater = Deflater()

    private static func message(
        _ payload: [UInt8], _ inflater: Inflater, text: Bool, _ maxBytes: Int
    ) -> Result<[UInt8], WebSocketError> {
        do throws(WebSocketError) {
            return .success(try inflater.inflate(payload, text: text, maxBytes: maxBytes))
        } catch {
            return .failure(error)
        }
    }

    private static func inflateSeeds() -> [[UInt8]] {
        let texts = [
            Array(repeating: UInt8(ascii: "a"), count: 40_000), Array("{\"type\":\"ping\",\"type\":\"ping\"}".utf8),
            Array((0..<200).map { UInt8($0 & 0x7F) }),
        ]
        let compressed = texts.compactMap { Deflater().deflate($0) { Array($0) } }
        // RFC 7692 7.2.3: one block, no compression, BFINAL set, a block and a half.
        let fromRFC: [[UInt8]] = [
            [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00],
            [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00],
            [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00],
            [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00],
        ]
        return (compressed + fromRFC).flatMap { [[0x1E, 0] + $0, [0x09, 0] + $0] }
    }
}
