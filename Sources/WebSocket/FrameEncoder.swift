public import Base

/// Writes whole messages and control frames, each into one allocation (RFC 6455 5.2).
///
/// A server sends without a mask. A client passes one, fresh and unpredictable for each frame (RFC 6455 5.3); its most
/// significant byte goes first.
public enum FrameEncoder {
    /// A text message in one frame. `payload` must be UTF-8.
    public static func text(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        payload.withUnsafeBytes { frame(.text, $0, mask: mask) }
    }

    /// A binary message in one frame.
    public static func binary(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        payload.withUnsafeBytes { frame(.binary, $0, mask: mask) }
    }

    /// A ping of at most 125 bytes.
    public static func ping(_ payload: [UInt8] = [], mask: UInt32? = nil) -> SharedBytes {
        control(.ping, payload, mask: mask)
    }

    /// A pong of at most 125 bytes.
    public static func pong(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        control(.pong, payload, mask: mask)
    }

    /// A close; a reason above 123 bytes is cut, between characters. Without a code the frame is empty.
    public static func close(_ code: CloseCode?, reason: String = "", mask: UInt32? = nil) -> SharedBytes {
        guard let code else { return control(.close, [], mask: mask) }
        precondition(code.isValidOnTheWire, "FrameEncoder: close code \(code.rawValue) may not be sent")
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for character in reason.unicodeScalars {
            let bytes = UTF8.encode(character)!  // every Unicode.Scalar has an encoding
            guard payload.count + bytes.count <= WebSocketLimits.maxControlBytes else { break }
            payload += bytes
        }
        return control(.close, payload, mask: mask)
    }

    /// The answer to a peer's close frame: its code (RFC 6455 5.5.1). Without a code the answer is 1000: the peer's
    /// program gets the code of this frame, and without one would get 1005, as after an error.
    public static func close(answering code: CloseCode?, mask: UInt32? = nil) -> SharedBytes {
        close(code ?? .normal, mask: mask)
    }

    /// A compressed text message, with RSV1 set (RFC 7692 7.2.1). Nil where that would not make it shorter or it is
    /// below ``WebSocketLimits/minDeflatedBytes``: then it is sent uncompressed.
    public static func compressedText(_ payload: [UInt8], _ deflater: Deflater, mask: UInt32? = nil) -> SharedBytes? {
        compressed(.text, payload, deflater, mask: mask)
    }

    /// As ``compressedText(_:_:mask:)``, for a binary message.
    public static func compressedBinary(_ payload: [UInt8], _ deflater: Deflater, mask: UInt32? = nil) -> SharedBytes? {
        compressed(.binary, payload, deflater, mask: mask)
    }

    private static func compressed(
        _ opcode: Opcode, _ payload: [UInt8], _ deflater: Deflater, mask: UInt32?
    ) -> SharedBytes? {
        guard payload.count >= WebSocketLimits.minDeflatedBytes else { return nil }
        return deflater.deflate(payload) { frame(opcode, $0, isCompressed: true, mask: mask) }
    }

    private static func control(_ opcode: Opcode, _ payload: [UInt8], mask: UInt32?) -> SharedBytes {
        precondition(
            payload.count <= WebSocketLimits.maxControlBytes, "FrameEncoder: control payload of \(payload.count) bytes")
        return payload.withUnsafeBytes { frame(opcode, $0, mask: mask) }
    }

    /// A final frame: header and payload, written in place.
    private static func frame(
        _ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isCompressed: Bool = false, mask: UInt32?
    ) -> SharedBytes {
        SharedBytes(capacity: WebSocketLimits.maxHeaderBytes + payload.count) { target in
            target[0] = 0x80 | (isCompressed ? 0x40 : 0) | opcode.rawValue
            var count = 1 + writeLength(payload.count, maskBit: mask == nil ? 0 : 0x80, at: target.baseAddress! + 1)
            if let mask {
                target.storeBytes(of: mask.bigEndian, toByteOffset: count, as: UInt32.self)
                count += 4
            }
            let body = UnsafeMutableRawBufferPointer(rebasing: target[count..<count + payload.count])
            body.copyMemory(from: payload)
            if let mask {
                var mask = Mask(mask)
                mask.apply(to: body)
            }
            return count + payload.count
        }
    }

    /// The length in its shortest form; returns its number of bytes.
    private static func writeLength(_ count: Int, maskBit: UInt8, at target: UnsafeMutableRawPointer) -> Int {
        switch count {
        case ..<126:
            target.storeBytes(of: maskBit | UInt8(count), as: UInt8.self)
            return 1
        case ..<65_536:
            target.storeBytes(of: maskBit | 126, as: UInt8.self)
            (target + 1).storeBytes(of: UInt16(count).bigEndian, as: UInt16.self)
            return 3
        default:
            target.storeBytes(of: maskBit | 127, as: UInt8.self)
            (target + 1).storeBytes(of: UInt64(count).bigEndian, as: UInt64.self)
            return 9
        }
    }
}
