/// A masking key at a position in its frame (RFC 6455 5.3). The same operation masks and unmasks.
struct Mask: Sendable {
    /// The key as four bytes in memory, rotated so that the first applies to the next byte of the payload.
    private var word: UInt32

    /// `key`: its most significant byte goes first on the wire.
    init(_ key: UInt32) { word = key.bigEndian }

    /// Masks the next bytes of the payload in place, eight at a time.
    mutating func apply(to bytes: UnsafeMutableRawBufferPointer) {
        let wide = UInt64(word) | UInt64(word) << 32
        let end = bytes.count
        var offset = 0
        while offset + 8 <= end {
            let masked = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ wide
            bytes.storeBytes(of: masked, toByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < end {
            bytes[offset] ^= firstByte
            turn()
            offset += 1
        }
    }

    /// The byte of the key at the lowest address.
    private var firstByte: UInt8 { UInt8(truncatingIfNeeded: UInt32(littleEndian: word)) }

    /// Advances by one byte of the payload; eight bytes are two full rotations and need none.
    private mutating func turn() {
        let little = UInt32(littleEndian: word)
        word = UInt32(littleEndian: little >> 8 | little << 24)
    }
}
