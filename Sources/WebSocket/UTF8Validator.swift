/// Checks text as it arrives, however it is cut (RFC 3629; RFC 6455 8.1): a wrong byte is found when it comes, not when the
/// message ends.
struct UTF8Validator: Sendable {
    /// Continuation bytes still to come.
    private var pending: UInt8 = 0
    /// What the next continuation byte may be: narrower after E0, ED, F0 and F4.
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    /// Whether what came so far is whole characters.
    var isComplete: Bool { pending == 0 }

    /// Takes the next bytes; false as soon as they cannot be UTF-8.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if pending == 0 { index = Self.skipASCII(bytes, from: index) }
            guard index < bytes.count else { break }
            guard step(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func step(_ byte: UInt8) -> Bool {
        if pending > 0 {
            guard byte >= low, byte <= high else { return false }
            pending -= 1
            (low, high) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: pending = 1
        case 0xE0: (pending, low) = (2, 0xA0)  // shorter forms exist below
        case 0xED: (pending, high) = (2, 0x9F)  // surrogates are above
        case 0xE1...0xEF: pending = 2
        case 0xF0: (pending, low) = (3, 0x90)
        case 0xF4: (pending, high) = (3, 0x8F)  // above U+10FFFF
        case 0xF1...0xF3: pending = 3
        default: return false
        }
        return true
    }

    /// The first place at or after `start` that is not ASCII, looking at eight bytes at a time.
    private static func skipASCII(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 8 <= bytes.count,
            bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            index += 8
        }
        while index < bytes.count, bytes[index] < 0x80 { index += 1 }
        return index
    }
}
