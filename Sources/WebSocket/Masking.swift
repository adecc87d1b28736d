/// Masking of client payloads (RFC 6455 5.3): each byte is combined with the key's byte at its place modulo four.
enum Masking {
    /// Masks or unmasks `bytes`, which begin `offset` bytes into the payload. Eight bytes at a time.
    static func apply(_ key: UInt32, to bytes: UnsafeMutableRawBufferPointer, offset: Int) {
        guard let base = bytes.baseAddress else { return }
        let turned = rotate(key, by: offset)
        let word = UInt64(turned) << 32 | UInt64(turned)
        let inMemory = word.bigEndian
        var index = 0
        while index + 8 <= bytes.count {
            let value = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            base.storeBytes(of: value ^ inMemory, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: turned >> (24 - 8 * UInt32(index & 3)))
            index += 1
        }
    }

    /// The key as seen from `offset` bytes into the payload. Its most significant byte goes first.
    private static func rotate(_ key: UInt32, by offset: Int) -> UInt32 {
        let bits = UInt32(offset & 3) * 8
        return bits == 0 ? key : key << bits | key >> (32 - bits)
    }
}
