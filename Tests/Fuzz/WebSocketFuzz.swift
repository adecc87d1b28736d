import Base
import Cuttings

@testable import WebSocket

/// The reader of frames. The first byte of an input selects the end of the connection, and whether deflate was agreed.
enum WebSocketFuzz {
    static let frames = FuzzTarget(name: "websocket", seeds: { seeds() }) { input in
        guard let first = input.first else { return }
        let role = first & 1 == 0 ? WebSocketRole.server : .client
        let deflate = first & 2 != 0
        let wire = Array(input.dropFirst())
        for limits in [WebSocketLimits(), WebSocketLimits(maxMessageBytes: 64, maxInflatedBytes: 96)] {
            let cuttings = Cutting.repeatable(of: wire)
            let outcomes = cuttings.map { read($0, role, limits, deflate: deflate) }
            demand(outcomes.allSatisfy { $0 == outcomes[0] }, "cut otherwise, it reads otherwise: \(outcomes)")
            for event in outcomes[0].events { check(event, limits, deflate: deflate) }
            checkAgain(outcomes[0].events, role)
        }
    }

    private struct Outcome: Equatable {
        var events: [WebSocketDecoder.Event] = []
        var error: WebSocketError?
    }

    private static func read(
        _ cutting: Cutting, _ role: WebSocketRole, _ limits: WebSocketLimits, deflate: Bool
    ) -> Outcome {
        var decoder = WebSocketDecoder(role: role, limits: limits, deflate: deflate)
        let inflater = deflate ? Inflater() : nil
        var outcome = Outcome()
        for piece in cutting.pieces {
            piece.withUnsafeBytes { decoder.append($0) }
            do throws(WebSocketError) {
                while let event = try decoder.next(inflater: inflater) { outcome.events.append(event) }
            } catch {
                demand(outcome.error == nil, "an error after an error")
                demand(error.closeCode.isValidOnTheWire && error.message.utf8.count <= 123, "\(error)")
                outcome.error = error
            }
        }
        if outcome.error != nil { demand(!decoder.holdsMemory, "memory kept after an error") }
        return outcome
    }

    private static func check(_ event: WebSocketDecoder.Event, _ limits: WebSocketLimits, deflate: Bool) {
        switch event {
        case .message(let isText, let bytes):
            let most = deflate ? max(limits.maxMessageBytes, limits.maxInflatedBytes) : limits.maxMessageBytes
            demand(bytes.count <= most, "a message of \(bytes.count) bytes")
            demand(!isText || String(validating: bytes, as: UTF8.self) != nil, "text that is not UTF-8")
        case .ping(let bytes), .pong(let bytes):
            demand(bytes.count <= WebSocketLimits.maxControlBytes, "a control frame of \(bytes.count) bytes")
        case .close(let code, let reason):
            demand(code?.isValidOnTheWire != false && reason.utf8.count <= 123, "close \(event)")
        }
    }

    /// Messages that were read are the same after encoding and reading again.
    private static func checkAgain(_ events: [WebSocketDecoder.Event], _ role: WebSocketRole) {
        let mask: UInt32? = role == .server ? 0x37FA_213D : nil
        let wire = events.flatMap { event in
            switch event {
            case .message(true, let bytes): FrameEncoder.text(bytes, mask: mask).array
            case .message(false, let bytes): FrameEncoder.binary(bytes, mask: mask).array
            case .ping(let bytes): FrameEncoder.ping(bytes, mask: mask).array
            case .pong(let bytes): FrameEncoder.pong(bytes, mask: mask).array
            case .close(let code, let reason): FrameEncoder.close(code, reason: reason, mask: mask).array
            }
        }
        let again = read(Cutting.all(of: wire, random: 0)[0], role, WebSocketLimits(), deflate: false)
        demand(again == Outcome(events: events), "written again: \(again)")
    }

    private static func seeds() -> [[UInt8]] {
        let deflater = Deflater()
        let long = [UInt8](repeating: 97, count: 1500)
        let key: UInt32 = 0x0102_0304
        let plain = FrameEncoder.text(Array("{\"type\":\"ping\"}".utf8), mask: key).array
        var first = FrameEncoder.text(Array("é".utf8.prefix(1)), mask: key).array
        first[0] &= 0x7F
        var rest = FrameEncoder.text(Array("é".utf8.suffix(1)), mask: key).array
        rest[0] &= 0xF0
        let ping = FrameEncoder.ping([1, 2], mask: key).array
        let close = FrameEncoder.close(.normal, reason: "bye", mask: key).array
        let compressed = FrameEncoder.compressedText(long, deflater, mask: key)?.array ?? []
        return [
            [0] + plain + close, [0] + first + ping + rest + plain, [2] + compressed + plain + close,
            [3] + (FrameEncoder.compressedBinary(long, deflater)?.array ?? []) + FrameEncoder.pong([]).array,
            [1] + FrameEncoder.binary(long).array + FrameEncoder.close(nil).array,
        ]
    }
}
