/// Text from outside for a terminal or a log: without what would control the terminal or mislead its reader.
///
/// Each such character is shown as U+FFFD, so that a reader sees that something was there.
public enum PrintableText {
    /// One line.
    public static func line(_ text: String) -> String {
        guard text.utf8.contains(where: mayBeginHostile), text.unicodeScalars.contains(where: isHostile) else {
            return text
        }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { isHostile($0) ? "\u{FFFD}" : $0 }))
    }

    /// Control characters (C0, DEL, C1: with them a terminal's escape sequences), ends of lines, marks that reorder
    /// text (Unicode's bidirectional controls), and characters that are not seen: of these only the two joiners
    /// remain, which scripts and emoji need.
    public static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F: true
        case 0xAD, 0x61C, 0x180E, 0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB:
            true
        case 0xE0000...0xE007F: true
        default: false
        }
    }

    /// A fast way out for almost all text: no other byte begins a hostile character in UTF-8.
    public static func mayBeginHostile(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, 0x7F, 0xC2, 0xD8, 0xE1, 0xE2, 0xEF, 0xF3: true
        default: false
        }
    }
}
