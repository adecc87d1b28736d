/// The header of one frame (RFC 6455 5.2), with all checks that need only the header.
struct FrameHeader: Equatable {
    var opcode: Opcode
    var isFinal: Bool
    /// RSV1: the message is compressed (RFC 7692 6).
    var isCompressed: Bool
    var mask: UInt32?
    var payloadCount: UInt64
    /// The length of the header.
    var count: Int

    /// Nil while the header is incomplete; an error in its first bytes is refused without waiting for the rest.
    init?(parsing bytes: UnsafeRawBufferPointer, role: WebSocketRole) throws(WebSocketError) {
        guard bytes.count >= 2 else { return nil }
        let (first, second) = (bytes[0], bytes[1])
        // RFC 6455 5.2: no extension gives RSV2 and RSV3 a meaning.
        guard first & 0x30 == 0 else { throw .broken("reserved bit set") }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .broken("reserved opcode") }
        let isMasked = second & 0x80 != 0
        let shortCount = second & 0x7F
        try Self.checkMask(isMasked, role: role)
        (self.opcode, isFinal, isCompressed) = (opcode, first & 0x80 != 0, first & 0x40 != 0)

        let lengthCount = shortCount == 127 ? 8 : shortCount == 126 ? 2 : 0
        count = 2 + lengthCount + (isMasked ? 4 : 0)
        mask = nil
        payloadCount = UInt64(shortCount)
        try checkControl()
        guard bytes.count >= count else { return nil }
        if lengthCount > 0 { payloadCount = try Self.extendedCount(bytes[2..<2 + lengthCount]) }
        if isMasked { mask = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)) }
    }

    /// RFC 6455 5.1: a client masks every frame, a server none.
    private static func checkMask(_ isMasked: Bool, role: WebSocketRole) throws(WebSocketError) {
        switch role {
        case .server where !isMasked: throw .broken("frame without a mask")
        case .client where isMasked: throw .broken("masked frame")
        default: break
        }
    }

    /// RFC 6455 5.5: control frames are whole and short, so without an extended length; RFC 7692 6.1: and not compressed.
    private func checkControl() throws(WebSocketError) {
        guard opcode.isControl else { return }
        guard isFinal else { throw .broken("fragmented control frame") }
        guard payloadCount <= WebSocketLimits.maxControlBytes else { throw .broken("control frame above 125 bytes") }
        guard !isCompressed else { throw .broken("compressed control frame") }
    }

    /// RFC 6455 5.2: the shortest form that holds the length, and the most significant bit of 64 is 0.
    private static func extendedCount(_ bytes: Slice<UnsafeRawBufferPointer>) throws(WebSocketError) -> UInt64 {
        let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let smallest: UInt64 = bytes.count == 2 ? 126 : 65_536
        guard value >= smallest else { throw .broken("length not in its shortest form") }
        guard value >> 63 == 0 else { throw .broken("length above 63 bits") }
        return value
    }
}
