/// A valid object: its own copy of the bytes, and the place of each top-level field in them.
///
/// A value, cheap to copy (two references). Of fields with the same key only the first is listed; keys are compared
/// unescaped, so a key written `"ty\u0070e"` is the key `type`.
public struct JSONObject: Sendable {
    /// The place of a field: the key without its quotes, the value without space around it.
    struct Span: Sendable {
        var keyStart: UInt32
        var keyEnd: UInt32
        var valueStart: UInt32
        var valueEnd: UInt32
        var keyHasEscapes: Bool
    }

    /// The text, unchanged.
    public let bytes: [UInt8]
    let spans: [Span]
    /// Where the first duplicate key begins; 0 where there is none.
    private let repeated: UInt32

    init(bytes: [UInt8], fields: [Span], repeated: UInt32) {
        self.bytes = bytes
        self.spans = fields
        self.repeated = repeated
    }

    /// The first duplicate key.
    public var repeatedKey: String? {
        guard repeated > 0 else { return nil }
        let start = Int(repeated)
        return JSONText.unescaped(bytes[start..<JSONText.endOfString(bytes, from: start - 1)])
    }

    /// The fields in the order of the text.
    public var fields: JSONFields { JSONFields(object: self) }

    /// The value of the field `key`, a key without escapes; nil where there is none.
    public subscript(_ key: StaticString) -> JSONValue? {
        fields.first { $0.hasKey(key) }?.value
    }

    /// The value of the field `key`; nil where there is none.
    public subscript(_ key: String) -> JSONValue? {
        fields.first { $0.hasKey(key) }?.value
    }
}

/// The fields of an object in order, without duplicates.
public struct JSONFields: RandomAccessCollection, Sendable {
    let object: JSONObject

    /// The first field's position.
    public var startIndex: Int { 0 }
    /// The number of fields.
    public var endIndex: Int { object.spans.count }

    /// The field at `position`.
    public subscript(position: Int) -> JSONField {
        JSONField(bytes: object.bytes, span: object.spans[position])
    }
}
