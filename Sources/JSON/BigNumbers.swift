/// Numbers that no 64-bit type holds: JSON (RFC 8259 section 6) sets no bound, simdjson does.
///
/// Fantail needs to know only that they are numbers, not their value. So simdjson parses a text that it refused for a
/// number once more, with all well-formed numbers blanked; it still judges everything else.
enum BigNumbers {
    /// Replaces every well-formed number by `0` and spaces. Other text stays, and so does text joined to a number: `0`
    /// joined to it is as invalid as the number was.
    static func erase(in text: inout [UInt8]) {
        var at = 0
        while at < text.count {
            if text[at] == UInt8(ascii: "\"") {
                at = JSONText.endOfString(text, from: at) + 1
                continue
            }
            guard isOfWord(text[at]) else {
                at += 1
                continue
            }
            let end = text[at...].firstIndex { !isOfWord($0) } ?? text.count
            if JSONNumber.isValid(text[at..<end]) {
                text[at] = UInt8(ascii: "0")
                for place in at + 1..<end { text[place] = UInt8(ascii: " ") }
            }
            at = end
        }
    }

    /// Whether `byte` may be part of a number or a word; another byte always separates two of them.
    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
