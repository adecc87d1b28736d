/// The width of text in a terminal.
enum DisplayWidth {
    /// The columns of a text.
    static func of(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + of($1) } }

    /// The columns of a character: two for East Asian characters and pictures (Unicode's East Asian Width, its large
    /// blocks), none for combining marks.
    static func of(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x61C, 0x200B...0x200F, 0xFE00...0xFE0F: 0
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            2
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: 0
            default: 1
            }
        }
    }

    /// The text in exactly so many columns: cut with an ellipsis, or padded with spaces.
    static func fit(_ text: String, _ columns: Int, ellipsis: String = "…") -> String {
        let width = of(text)
        if width <= columns { return text + String(repeating: " ", count: columns - width) }
        var kept = String.UnicodeScalarView()
        var used = of(ellipsis)
        guard used <= columns else { return String(repeating: " ", count: columns) }
        for scalar in text.unicodeScalars {
            let next = used + of(scalar)
            if next > columns { break }
            kept.append(scalar)
            used = next
        }
        return String(kept) + ellipsis + String(repeating: " ", count: columns - used)
    }
}
