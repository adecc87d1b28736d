/// A place in a text, for people.
public struct JSONPlace: Equatable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// The character in the line, from 1.
    public let column: Int

    /// A place by its line and column.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place of the byte at `offset`.
    init(of offset: Int, in text: [UInt8]) {
        let before = text[..<offset]
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        line = 1 + before.count { $0 == 0x0A }
        // Bytes that continue a character are no column.
        column = 1 + before[start...].count { $0 & 0xC0 != 0x80 }
    }

    /// `line 2, column 14`.
    public var description: String { "line \(line), column \(column)" }

    /// Where a text stops being JSON (RFC 8259), or becomes deeper than `maxDepth`; nil where it does neither. For
    /// people who look for their mistake: ``JSONParser`` decides what is JSON.
    public static func ofFault(in text: [UInt8], maxDepth: Int = .max) -> JSONPlace? {
        var search = JSONFaultSearch(text, maxDepth: maxDepth)
        return search.firstFault().map { JSONPlace(of: $0, in: text) }
    }
}

/// Walks through a text by JSON's grammar, without recursion.
private struct JSONFaultSearch {
    private let text: [UInt8]
    private let maxDepth: Int
    private var next = 0
    /// The open containers: `{` or `[`.
    private var open: [UInt8] = []
    private struct Fault: Error {}

    init(_ text: [UInt8], maxDepth: Int) {
        self.text = text
        self.maxDepth = maxDepth
    }

    /// The offset of the first byte that cannot be there; that of the end where the text ends too early.
    mutating func firstFault() -> Int? {
        do throws(Fault) {
            try value()
            while let container = open.last { try afterValue(in: container) }
            skipSpaces()
            return next < text.count ? next : nil
        } catch {
            return next
        }
    }

    private var byte: UInt8? { next < text.count ? text[next] : nil }

    private mutating func skipSpaces() {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { next += 1 }
    }

    private mutating func expect(_ expected: Unicode.Scalar) throws(Fault) {
        guard let byte, byte == UInt8(ascii: expected) else { throw Fault() }
        next += 1
    }

    /// A value, or the beginning of one: of a container that is not empty all up to its first value.
    private mutating func value() throws(Fault) {
        while true {
            skipSpaces()
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < maxDepth else { throw Fault() }
                let container = text[next]
                next += 1
                skipSpaces()
                if byte == container + 2 {
                    next += 1
                    return
                }
                open.append(container)
                if container == UInt8(ascii: "{") { try key() }
            case UInt8(ascii: "\""): return try string()
            case UInt8(ascii: "t"): return try word("true")
            case UInt8(ascii: "f"): return try word("false")
            case UInt8(ascii: "n"): return try word("null")
            default: return try number()
            }
        }
    }

    private mutating func key() throws(Fault) {
        skipSpaces()
        try string()
        skipSpaces()
        try expect(":")
    }

    /// A comma and the next value, or the container's end: `]` and `}` are two behind their beginnings in ASCII.
    private mutating func afterValue(in container: UInt8) throws(Fault) {
        skipSpaces()
        if byte == container + 2 {
            next += 1
            open.removeLast()
            return
        }
        try expect(",")
        if container == UInt8(ascii: "{") { try key() }
        try value()
    }

    private mutating func word(_ word: String) throws(Fault) {
        for scalar in word.unicodeScalars { try expect(scalar) }
    }

    private mutating func number() throws(Fault) {
        if byte == UInt8(ascii: "-") { next += 1 }
        if byte == UInt8(ascii: "0") { next += 1 } else { try digits() }
        if byte == UInt8(ascii: ".") {
            next += 1
            try digits()
        }
        guard byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") else { return }
        next += 1
        if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { next += 1 }
        try digits()
    }

    private mutating func digits() throws(Fault) {
        let first = next
        while let byte, (0x30...0x39).contains(byte) { next += 1 }
        guard next > first else { throw Fault() }
    }

    private mutating func string() throws(Fault) {
        try expect("\"")
        while let byte, byte != UInt8(ascii: "\"") {
            switch byte {
            case 0..<0x20: throw Fault()
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x80: next += 1
            default: try character()
            }
        }
        try expect("\"")
    }

    private mutating func escape() throws(Fault) {
        next += 1
        guard let byte else { throw Fault() }
        if byte == UInt8(ascii: "u") {
            next += 1
            for _ in 0..<4 {
                guard let digit = self.byte, Character(Unicode.Scalar(digit)).isHexDigit else { throw Fault() }
                next += 1
            }
        } else if #""\/bfnrt"#.utf8.contains(byte) {
            next += 1
        } else {
            throw Fault()
        }
    }

    /// A character beyond ASCII, in UTF-8.
    private mutating func character() throws(Fault) {
        var decoder = UTF8()
        var bytes = text[next...].prefix(4).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { throw Fault() }
        next += UTF8.width(scalar)
    }
}
