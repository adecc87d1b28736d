/// Numbers that no 64-bit type holds: JSON (RFC 8259 section 6) sets no bound, simdjson does.
///
/// To nobody here their value matters, only that they are numbers. So a text that simdjson refuses for a number is shown to it
/// once more with nothing in the place of the well-formed ones that could matter: all else is still for simdjson to judge.
enum BigNumbers {
    /// Writes `0` and spaces in the place of every well-formed number. What is no number stays, and so does what is joined to
    /// one: `0` and something else beside it is as little JSON as the two were.
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

    /// Whether `byte` may stand in a number or a word; between two of them there is always another byte.
    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
