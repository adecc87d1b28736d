/// The grammar of a number (RFC 8259 section 6), for unparsed texts.
public enum JSONNumber {
    /// Whether `text` is a number and nothing else.
    public static func isValid(_ text: String) -> Bool { isValid(Array(text.utf8)[...]) }

    /// Whether `text` is a number and nothing else.
    static func isValid(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let digits = dropDigits(&rest)
        guard digits > 0, !startsWithZero || digits == 1 else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            guard dropDigits(&rest) > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
            guard dropDigits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func dropDigits(_ rest: inout ArraySlice<UInt8>) -> Int {
        let digits = rest.prefix(while: JSONText.isDigit).count
        rest.removeFirst(digits)
        return digits
    }
}
