import Cuttings
import Testing
import WebSocket

/// A frame assembled byte by byte, so that a test can make it as wrong as it needs, and no error of the encoder can
/// hide one of the decoder.
struct RawFrame {
    var opcode: UInt8
    var payload: [UInt8] = []
    var isFinal = true
    var rsv: UInt8 = 0
    var mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]

    static func text(_ text: String, isFinal: Bool = true) -> RawFrame {
        RawFrame(opcode: 1, payload: Array(text.utf8), isFinal: isFinal)
    }

    static func more(_ text: String, isFinal: Bool = true) -> RawFrame {
        RawFrame(opcode: 0, payload: Array(text.utf8), isFinal: isFinal)
    }

    /// The header and the masked payload; `lengthBytes` forces the longer forms of the length.
    func bytes(lengthBytes: Int? = nil) -> [UInt8] {
        let count = payload.count
        let form = lengthBytes ?? (count < 126 ? 0 : count < 65_536 ? 2 : 8)
        var bytes = [(isFinal ? 0x80 : 0) | rsv << 4 | opcode]
        let short = form == 0 ? UInt8(count) : form == 2 ? 126 : 127
        bytes.append((mask == nil ? 0 : 0x80) | short)
        for place in (0..<form).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * place))) }
        guard let mask else { return bytes + payload }
        bytes += mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index % 4]) }
        return bytes
    }
}

/// A decoder's result for an input.
struct Outcome: Equatable {
    var events: [WebSocketDecoder.Event] = []
    var error: WebSocketError?

    /// The messages as text.
    var texts: [String] {
        events.compactMap {
            if case .message(_, let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil }
        }
    }
}

/// Decodes frames in every cutting, expects the same of each, and returns that.
func decode(
    _ input: [UInt8], role: WebSocketRole = .server, limits: WebSocketLimits = WebSocketLimits(), deflate: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
) -> Outcome {
    let inflater = deflate ? Inflater() : nil
    var decoder = WebSocketDecoder(role: role, limits: limits, deflate: deflate)
    let fresh = decoder
    let cuttings = Cutting.all(of: input)
    let whole = feed(cuttings[0], to: &decoder, inflater)
    for cutting in cuttings.dropFirst() {
        decoder = fresh
        let outcome = feed(cutting, to: &decoder, inflater)
        #expect(outcome == whole, "\(cutting.name)", sourceLocation: sourceLocation)
    }
    return whole
}

/// Decodes these frames, sent by a client to a server.
func decode(
    _ frames: RawFrame..., limits: WebSocketLimits = WebSocketLimits(), deflate: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
) -> Outcome {
    decode(frames.flatMap { $0.bytes() }, limits: limits, deflate: deflate, sourceLocation: sourceLocation)
}

/// One decoder's result for one cutting.
func feed(_ cutting: Cutting, to decoder: inout WebSocketDecoder, _ inflater: Inflater?) -> Outcome {
    var outcome = Outcome()
    for piece in cutting.pieces {
        piece.withUnsafeBytes { decoder.append($0) }
        do throws(WebSocketError) {
            while let event = try decoder.next(inflater: inflater) { outcome.events.append(event) }
        } catch {
            outcome.error = outcome.error ?? error
        }
    }
    return outcome
}
