/// Checks UTF-8 as it arrives (RFC 3629), in any pieces. Fails at the first byte that makes the text invalid: also at
/// an overlong form, a surrogate, a value above U+10FFFF.
struct UTF8Validator: Sendable {
    /// The continuation bytes that the character still needs.
    private var needed: UInt8 = 0
    /// The range of the next one: narrower than 80...BF after E0, ED, F0 and F4.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether the text may end here: not inside a character.
    var isComplete: Bool { needed == 0 }

    /// Takes the next piece; false when it is invalid, after which it must not be called again.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < bytes.count {
            if needed == 0 {
                offset = Self.endOfASCII(bytes, from: offset)
                guard offset < bytes.count else { return true }
                guard acceptFirst(bytes[offset]) else { return false }
            } else {
                guard acceptContinuation(bytes[offset]) else { return false }
            }
            offset += 1
        }
        return true
    }

    /// The first byte from `offset` that is not ASCII, tested eight at a time.
    private static func endOfASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var offset = start
        while offset + 8 <= bytes.count,
            bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            offset += 8
        }
        while offset < bytes.count && bytes[offset] < 0x80 { offset += 1 }
        return offset
    }

    /// The first byte of a multi-byte character (RFC 3629 4).
    private mutating func acceptFirst(_ byte: UInt8) -> Bool {
        (lowest, highest) = (0x80, 0xBF)
        switch byte {
        case 0xC2...0xDF: needed = 1
        case 0xE0...0xEF:
            needed = 2
            if byte == 0xE0 { lowest = 0xA0 }  // below: overlong
            if byte == 0xED { highest = 0x9F }  // above: surrogates
        case 0xF0...0xF4:
            needed = 3
            if byte == 0xF0 { lowest = 0x90 }  // below: overlong
            if byte == 0xF4 { highest = 0x8F }  // above: beyond U+10FFFF
        default: return false
        }
        return true
    }

    private mutating func acceptContinuation(_ byte: UInt8) -> Bool {
        guard byte >= lowest && byte <= highest else { return false }
        (lowest, highest) = (0x80, 0xBF)
        needed -= 1
        return true
    }
}
