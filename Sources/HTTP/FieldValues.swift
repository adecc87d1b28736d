/// Whether two names or tokens are equal, ASCII letters compared without case.
package func equalsIgnoringCase(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
        && left.utf8.elementsEqual(right.utf8) { lowercased($0) == lowercased($1) }
}

/// The ASCII letter in lower case, any other byte unchanged.
func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}

/// The parts of a field value between separators that stand outside quoted strings (RFC 9110 5.6.4), without the white
/// space around them and without the empty ones.
package func listMembers(_ value: String, separatedBy separator: Unicode.Scalar) -> [String] {
    var members: [String] = []
    var rest = value.utf8[...]
    while !rest.isEmpty {
        let end = endOfMember(rest, separator: UInt8(ascii: separator))
        let member = trimmed(rest[..<end])
        if !member.isEmpty { members.append(String(Substring(member))) }
        rest = end < rest.endIndex ? rest[rest.index(after: end)...] : rest[end...]
    }
    return members
}

/// The index of the first separator outside a quoted string, else the end.
private func endOfMember(_ text: Substring.UTF8View, separator: UInt8) -> String.Index {
    var isQuoted = false
    var isEscaped = false
    for index in text.indices {
        let byte = text[index]
        if isEscaped {
            isEscaped = false
        } else if isQuoted && byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isQuoted.toggle()
        } else if byte == separator && !isQuoted {
            return index
        }
    }
    return text.endIndex
}

/// The text without spaces and tabs at both ends (RFC 9110 5.6.3, OWS).
func trimmed<Text: BidirectionalCollection<UInt8>>(_ text: Text) -> Text.SubSequence {
    let start = text.drop(while: isBlank)
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return start[start.endIndex...] }
    return start[...last]
}

/// A space or a tab.
func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

/// A character of a token: method, field name, extension name (RFC 9110 5.6.2).
package func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
