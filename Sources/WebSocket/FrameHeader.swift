/// What a frame is (RFC 6455 5.2).
enum Opcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    var isControl: Bool { rawValue >= 0x8 }
}

/// A frame's first bytes.
struct FrameHeader: Sendable, Equatable {
    let isFinal: Bool
    /// RSV1: the message is compressed (RFC 7692 6).
    let isCompressed: Bool
    let opcode: Opcode
    let length: Int
    let mask: UInt32?

    /// Reads a header off the front of `bytes`: the header and how many bytes it takes; nil when more are needed.
    static func read(_ bytes: ArraySlice<UInt8>) throws(WebSocketError) -> (header: FrameHeader, bytes: Int)? {
        guard bytes.count >= 2 else { return nil }
        let first = bytes[bytes.startIndex]
        let second = bytes[bytes.startIndex + 1]
        guard first & 0x30 == 0 else { throw .broken("reserved bits are set") }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .broken("unknown opcode") }
        let lengthBytes = second & 0x7F == 126 ? 2 : second & 0x7F == 127 ? 8 : 0
        let maskBytes = second & 0x80 == 0 ? 0 : 4
        let size = 2 + lengthBytes + maskBytes
        guard bytes.count >= size else { return nil }
        let extended = bigEndian(bytes.dropFirst(2).prefix(lengthBytes))
        let length = lengthBytes == 0 ? UInt64(second & 0x7F) : extended
        // The shortest form must be used, and the highest bit is zero (5.2).
        guard lengthBytes == 0 || length > (lengthBytes == 2 ? 125 : 0xFFFF), length <= UInt64(Int64.max) else {
            throw .broken("bad payload length")
        }
        let header = FrameHeader(
            isFinal: first & 0x80 != 0, isCompressed: first & 0x40 != 0, opcode: opcode, length: Int(length),
            mask: maskBytes == 0 ? nil : UInt32(bigEndian(bytes.dropFirst(2 + lengthBytes).prefix(4))))
        return (header, size)
    }

    private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
