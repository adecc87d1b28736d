public import Bytes

/// Writes whole messages and control frames, each into one allocation (RFC 6455 5.2).
///
/// A server sends without a mask. A client passes one, fresh and unpredictable for each frame (RFC 6455 5.3); its most
/// significant byte goes first.
public enum FrameEncoder {
    /// A text message in one frame. `payload` must be UTF-8.
    public static func text(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        frame(.text, payload[...], mask: mask)
    }

    /// A binary message in one frame.
    public static func binary(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        frame(.binary, payload[...], mask: mask)
    }

    /// A ping of at most 125 bytes.
    public static func ping(_ payload: [UInt8] = [], mask: UInt32? = nil) -> SharedBytes {
        control(.ping, payload, mask)
    }

    /// A pong of at most 125 bytes.
    public static func pong(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        control(.pong, payload, mask)
    }

    /// A close; a reason above 123 bytes is cut, between characters. Without a code the frame is empty.
    public static func close(_ code: CloseCode?, reason: String = "", mask: UInt32? = nil) -> SharedBytes {
        guard let code else { return control(.close, [], mask) }
        let head = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        return control(.close, head + cut(reason, to: WebSocketLimits.maxCloseReasonBytes), mask)
    }

    /// The same message compressed, with RSV1 set (RFC 7692 7.2.1). Nil where that would not make it shorter or it is
    /// below ``WebSocketLimits/minDeflatedBytes``: then it goes out as it is.
    public static func compressedText(_ payload: [UInt8], _ deflater: Deflater, mask: UInt32? = nil) -> SharedBytes? {
        deflater.deflate(payload).map { frame(.text, $0, isCompressed: true, mask: mask) }
    }

    /// As ``compressedText(_:_:mask:)``, for a binary message.
    public static func compressedBinary(_ payload: [UInt8], _ deflater: Deflater, mask: UInt32? = nil) -> SharedBytes? {
        deflater.deflate(payload).map { frame(.binary, $0, isCompressed: true, mask: mask) }
    }

    private static func control(_ opcode: Opcode, _ payload: [UInt8], _ mask: UInt32?) -> SharedBytes {
        precondition(
            payload.count <= WebSocketLimits.maxControlBytes, "FrameEncoder: a control frame has at most 125 bytes")
        return frame(opcode, payload[...], mask: mask)
    }

    private static func frame(
        _ opcode: Opcode, _ payload: ArraySlice<UInt8>, isCompressed: Bool = false, mask: UInt32?
    ) -> SharedBytes {
        SharedBytes(capacity: payload.count + WebSocketLimits.maxHeaderBytes) { target in
            target[0] = 0x80 | (isCompressed ? 0x40 : 0) | opcode.rawValue
            var size = writeLength(payload.count, isMasked: mask != nil, to: target)
            if let mask {
                target.storeBytes(of: mask.bigEndian, toByteOffset: size, as: UInt32.self)
                size += 4
            }
            let body = UnsafeMutableRawBufferPointer(rebasing: target[size..<size + payload.count])
            body.copyBytes(from: payload)
            if let mask { Masking.apply(mask, to: body, offset: 0) }
            return size + payload.count
        }
    }

    /// Writes the length in its shortest form from byte 1 on; answers where the header goes on.
    private static func writeLength(_ count: Int, isMasked: Bool, to target: UnsafeMutableRawBufferPointer) -> Int {
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        switch count {
        case ...125:
            target[1] = maskBit | UInt8(count)
            return 2
        case ...0xFFFF:
            target[1] = maskBit | 126
            target.storeBytes(of: UInt16(count).bigEndian, toByteOffset: 2, as: UInt16.self)
            return 4
        default:
            target[1] = maskBit | 127
            target.storeBytes(of: UInt64(count).bigEndian, toByteOffset: 2, as: UInt64.self)
            return 10
        }
    }

    private static func cut(_ text: String, to bytes: Int) -> ArraySlice<UInt8> {
        let all = Array(text.utf8)
        guard all.count > bytes else { return all[...] }
        var end = bytes
        while end > 0, all[end] & 0xC0 == 0x80 { end -= 1 }
        return all[..<end]
    }
}
