import Base

/// Writes strings with the necessary escapes (RFC 8259 section 7).
enum JSONEscape {
    static func isNeeded(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Appends `text` with its quotes.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        appendContent(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends `text` without quotes.
    static func appendContent(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { content in
            if content.contains(where: isNeeded) {
                for byte in content { append(byte, to: &bytes) }
            } else {
                bytes.append(contentsOf: content)
            }
        }
    }

    private static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        guard isNeeded(byte) else { return bytes.append(byte) }
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            bytes.append(contentsOf: [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
            bytes.append((byte >> 4).hexadecimalDigit)
            bytes.append(byte.hexadecimalDigit)
        }
    }
}
