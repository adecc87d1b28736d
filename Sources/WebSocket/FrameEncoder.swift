public import Bytes

/// Writes whole messages and control frames, each into one allocation (RFC 6455 5.2).
///
/// A server sends without a mask. A client passes one, fresh and unpredictable for each frame (RFC 6455 5.3); its most
/// significant byte goes first.
public enum FrameEncoder {
    /// A text message in one frame. `payload` must be UTF-8.
    public static func text(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        SharedBytes([])
    }

    /// A binary message in one frame.
    public static func binary(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        SharedBytes([])
    }

    /// A ping of at most 125 bytes.
    public static func ping(_ payload: [UInt8] = [], mask: UInt32? = nil) -> SharedBytes {
        SharedBytes([])
    }

    /// A pong of at most 125 bytes.
    public static func pong(_ payload: [UInt8], mask: UInt32? = nil) -> SharedBytes {
        SharedBytes([])
    }

    /// A close; a reason above 123 bytes is cut, between characters. Without a code the frame is empty.
    public static func close(_ code: CloseCode?, reason: String = "", mask: UInt32? = nil) -> SharedBytes {
        SharedBytes([])
    }

    /// The same message compressed, with RSV1 set (RFC 7692 7.2.1). Nil where that would not make it shorter or it is
    /// below ``WebSocketLimits/minDeflatedBytes``: then it goes out as it is.
    public static func compressedText(_ payload: [UInt8], _ deflater: Deflater, mask: UInt32? = nil) -> SharedBytes? {
        nil
    }

    /// As ``compressedText(_:_:mask:)``, for a binary message.
    public static func compressedBinary(_ payload: [UInt8], _ deflater: Deflater, mask: UInt32? = nil) -> SharedBytes? {
        nil
    }
}
