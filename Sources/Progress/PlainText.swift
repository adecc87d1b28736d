import Base

/// Text for display on one line, without the bytes that a terminal would take for commands.
public enum PlainText {
    /// `bytes` as text, without escape sequences (ECMA-48 5.4), control characters, and spaces around it; at most so
    /// many characters. Bytes that are not UTF-8 become U+FFFD.
    public static func text(_ bytes: some Sequence<UInt8>, characters: Int = ReadingLimits.messageCharacters) -> String
    {
        let plain = withoutEscapes(bytes)
        if plain.count <= characters, plain.allSatisfy({ (0x21...0x7E).contains($0) || $0 == 0x20 }) {
            return String(decoding: withoutSpareSpaces(plain), as: UTF8.self)
        }
        let text = String(decoding: plain, as: UTF8.self)
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            shown.append(PrintableText.isHostile(scalar) ? " " : scalar)
        }
        let words = String(shown).split(separator: " ").joined(separator: " ")
        return words.count > characters ? String(words.prefix(characters - 1)) + "…" : words
    }

    /// `text` as lines, whole and with the spaces at their beginnings: for text of many lines, such as a stack trace.
    public static func lines(_ text: String) -> [String] {
        let lines = withoutEscapes(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false)
        return lines.map { line in
            var bytes = Array(line.map { $0 == 0x09 ? [0x20, 0x20, 0x20, 0x20] : [$0] }.joined())
            while let last = bytes.last, last == 0x20 || last == 0x0D { bytes.removeLast() }
            return PrintableText.line(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// One space between words. A fast path for ASCII: characters and their properties cost a hundred times as much.
    private static func withoutSpareSpaces(_ ascii: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(ascii.count)
        for byte in ascii where byte != 0x20 || (result.last ?? 0x20) != 0x20 { result.append(byte) }
        if result.last == 0x20 { result.removeLast() }
        return result
    }

    /// The bytes outside of escape sequences.
    static func withoutEscapes(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var state = State.text
        for byte in bytes {
            switch state {
            case .text:
                if byte == 0x1B { state = .escape } else { result.append(byte) }
            case .escape:
                switch byte {
                case UInt8(ascii: "["): state = .sequence
                // OSC, DCS, SOS, PM, APC.
                case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
                    state = .command
                // Intermediates, such as those that choose a set of characters: the final byte follows.
                case 0x20...0x2F, 0x1B: break
                default: state = .text
                }
            // Parameters and intermediates, then one final byte.
            case .sequence:
                if (0x40...0x7E).contains(byte) { state = .text }
            // A window's title and the like, which BEL or ESC \ ends.
            case .command:
                if byte == 0x07 { state = .text } else if byte == 0x1B { state = .escape }
            }
        }
        return result
    }

    private enum State { case text, escape, sequence, command }
}
