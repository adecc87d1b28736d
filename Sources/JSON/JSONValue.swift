/// A value inside a validated text.
///
/// Accessors return nil where the value is of another kind; none of them traps on any valid JSON.
public struct JSONValue: Sendable {
    let bytes: [UInt8]
    let start: UInt32
    let end: UInt32

    /// The kind of the value.
    public let kind: JSONKind

    init(bytes: [UInt8], start: UInt32, end: UInt32) {
        self.bytes = bytes
        self.start = start
        self.end = end
        kind = JSONKind(firstByte: bytes[Int(start)])
    }

    /// The whole of a validated text.
    init(validText text: [UInt8]) {
        let start = text.firstIndex { !JSONText.isSpace($0) } ?? 0
        let end = text.lastIndex { !JSONText.isSpace($0) } ?? 0
        self.init(bytes: text, start: UInt32(start), end: UInt32(end + 1))
    }

    /// The text, unchanged.
    public var raw: ArraySlice<UInt8> { bytes[Int(start)..<Int(end)] }

    /// A string's content between the quotes, with its escapes.
    var content: ArraySlice<UInt8> { bytes[Int(start) + 1..<Int(end) - 1] }

    /// The string, unescaped.
    public var string: String? { kind == .string ? JSONText.unescaped(content) : nil }

    /// The number, when it is written as an integer and fits 64 bits: `1`, not `1.0` or `1e0`.
    public var integer: Int64? { kind == .number ? JSONText.integer(raw) : nil }

    /// The number, in any form; nil where it is out of a Double's range.
    public var double: Double? {
        guard kind == .number, let number = Double(String(decoding: raw, as: UTF8.self)), number.isFinite else {
            return nil
        }
        return number
    }

    /// The digits of a number written as an integer, of any size.
    public var digits: String? {
        let isInteger = kind == .number && raw.allSatisfy { $0 == UInt8(ascii: "-") || JSONText.isDigit($0) }
        return isInteger ? String(decoding: raw, as: UTF8.self) : nil
    }

    /// The truth value.
    public var bool: Bool? { kind == .bool ? bytes[Int(start)] == UInt8(ascii: "t") : nil }

    /// Whether the value is `null`.
    public var isNull: Bool { kind == .null }

    /// Whether the value is the string `word`, which has no escapes. Makes no String in the usual case.
    public func isString(_ word: StaticString) -> Bool {
        guard kind == .string else { return false }
        if JSONText.isEqual(content, word) { return true }
        return content.contains(UInt8(ascii: "\\")) && string == word.description
    }

    /// The object's fields.
    public func object(_ parser: JSONParser) -> JSONObject? {
        guard kind == .object else { return nil }
        return try? parser.object(valid: raw)
    }

    /// The array's elements, in order.
    public var elements: [JSONValue]? {
        guard kind == .array else { return nil }
        return JSONText.elements(of: bytes, from: Int(start)).map {
            JSONValue(bytes: bytes, start: UInt32($0.lowerBound), end: UInt32($0.upperBound))
        }
    }

    /// The strings of an array that holds only strings.
    public var strings: [String]? {
        guard let elements else { return nil }
        let strings = elements.compactMap(\.string)
        return strings.count == elements.count ? strings : nil
    }
}
