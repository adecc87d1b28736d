extension Headers {
    /// Reads field lines (RFC 9112 5): of a request, of a response, of a trailer section.
    init(parsing lines: ArraySlice<ArraySlice<UInt8>>, maxHeaders: Int) throws(HTTPError) {
        self.init()
        guard lines.count <= maxHeaders else {
            throw .headTooLarge("more than \(maxHeaders) header fields")
        }
        for line in lines { try addParsed(line) }
    }

    private mutating func addParsed(_ line: ArraySlice<UInt8>) throws(HTTPError) {
        // RFC 9112 5.2: a server must refuse a folded line or repair it. Only attackers send them.
        if let first = line.first, isBlank(first) { throw .malformed("a header field is folded") }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw .malformed("a header field has no colon")
        }
        // RFC 9112 5.1: no white space between name and colon; a proxy could read another name.
        guard colon > line.startIndex, line[..<colon].allSatisfy(isTokenCharacter) else {
            throw .malformed("a header field's name is not a token")
        }
        let value = line[line.index(after: colon)...]
        guard value.allSatisfy(isFieldCharacter) else {
            throw .malformed("a header field's value contains a control character")
        }
        add(String(decoding: line[..<colon], as: UTF8.self), String(decoding: trimmed(value), as: UTF8.self))
    }
}

/// A character of a field value (RFC 9110 5.5): no control character except tab, so neither NUL nor a bare CR.
private func isFieldCharacter(_ byte: UInt8) -> Bool { (byte >= 0x20 && byte != 0x7F) || byte == UInt8(ascii: "\t") }
