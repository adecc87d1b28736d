/// Text from outside for a terminal or a log: without what would control the terminal or mislead its reader.
///
/// Each such character is shown as U+FFFD, so that a reader sees that something was there, and a tab as a space.
public enum PrintableText {
    /// One line.
    public static func line(_ text: String) -> String {
        guard text.utf8.contains(where: mayBeginHostile), text.unicodeScalars.contains(where: isHostile) else {
            return text
        }
        return String(String.UnicodeScalarView(text.unicodeScalars.map(shown)))
    }

    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar == "\t" ? " " : isHostile(scalar) ? "\u{FFFD}" : scalar
    }

    /// Control characters (C0 with the tab, DEL, C1: with them a terminal's escape sequences), ends of lines, what
    /// embeds, overrides or isolates a direction of text (Unicode's explicit bidirectional formatting), and spaces,
    /// hyphens, tags and marks of no width that no script needs. Not the joiners and the variation selectors, which
    /// scripts and emoji need, nor the marks of direction (LRM, RLM, ALM), which Hebrew and Arabic need and which
    /// reorder only what is beside them.
    public static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F: true
        case 0xAD, 0x180E, 0x200B, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB:
            true
        case 0xE0000...0xE007F: true
        default: false
        }
    }

    /// A fast way out for almost all text: no other byte begins a hostile character in UTF-8.
    public static func mayBeginHostile(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, 0x7F, 0xC2, 0xE1, 0xE2, 0xEF, 0xF3: true
        default: false
        }
    }
}
