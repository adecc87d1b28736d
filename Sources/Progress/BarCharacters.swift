/// The bars in lines of progress: `━━━━╸━━━`, `████▌`. A viewer has one already.
enum BarCharacters {
    /// The line without the characters that only bars are made of: lines and blocks beyond ASCII.
    static func removed(from line: [UInt8]) -> [UInt8] {
        // U+2500 to U+259F in UTF-8.
        guard line.contains(0xE2) else { return line }
        let kept = String(decoding: line, as: UTF8.self).unicodeScalars.filter { !(0x2500...0x259F).contains($0.value) }
        return Array(String(String.UnicodeScalarView(kept)).utf8)
    }
}
