extension JSONText {
    /// The string in `content`, the text between two quotes.
    ///
    /// The parser refused half surrogate pairs, so every `\u` escape here is a character or one of a pair.
    static func unescaped(_ content: ArraySlice<UInt8>) -> String {
        guard let first = content.firstIndex(of: UInt8(ascii: "\\")) else {
            return String(decoding: content, as: UTF8.self)
        }
        var result = Array(content[..<first])
        result.reserveCapacity(content.count)
        var at = first
        while at < content.endIndex {
            if content[at] == UInt8(ascii: "\\") {
                appendEscape(content, at: &at, to: &result)
            } else {
                result.append(content[at])
                at += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func appendEscape(_ content: ArraySlice<UInt8>, at: inout Int, to result: inout [UInt8]) {
        let letter = content[at + 1]
        at += 2
        switch letter {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = scalar(content, at: &at)
            result.append(contentsOf: Array(String(scalar).utf8))
        default: result.append(letter)
        }
    }

    /// The character of one `\u` escape, or of the two of a surrogate pair; `at` is after the `u`.
    private static func scalar(_ content: ArraySlice<UInt8>, at: inout Int) -> Unicode.Scalar {
        let unit = codeUnit(content[at..<at + 4])
        at += 4
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let low = codeUnit(content[at + 2..<at + 6])
        at += 6
        // RFC 8259 section 7: high and low half of ten bits each above the first plane.
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    }

    private static func codeUnit(_ digits: ArraySlice<UInt8>) -> UInt32 {
        digits.reduce(0) { value, digit in
            let digitValue =
                digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : (digit | 0x20) - UInt8(ascii: "a") + 10
            return value << 4 | UInt32(digitValue)
        }
    }
}
