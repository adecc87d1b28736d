/// One field of an object.
public struct JSONField: Sendable {
    let bytes: [UInt8]
    let span: JSONObject.Span

    /// The key as written: between its quotes, with its escapes.
    public var rawKey: ArraySlice<UInt8> { bytes[Int(span.keyStart)..<Int(span.keyEnd)] }

    /// The bytes of ``rawKey``.
    public var keyLength: Int { Int(span.keyEnd - span.keyStart) }

    /// Whether ``rawKey`` contains an escape, and so is not the key itself.
    public var keyHasEscapes: Bool { span.keyHasEscapes }

    /// The key without escapes.
    public var key: String { JSONText.unescaped(rawKey) }

    /// The value, which is not parsed further before it is asked for.
    public var value: JSONValue { JSONValue(bytes: bytes, start: span.valueStart, end: span.valueEnd) }

    /// Key and value as written, `"key": value`: one piece to copy.
    public var raw: ArraySlice<UInt8> { bytes[Int(span.keyStart) - 1..<Int(span.valueEnd)] }

    /// Whether the key is `word`, which has no escapes.
    public func hasKey(_ word: StaticString) -> Bool {
        guard !span.keyHasEscapes else { return key == word.description }
        guard keyLength == word.utf8CodeUnitCount else { return false }
        return JSONText.isEqual(rawKey, word)
    }

    /// Whether the key is `word`: the same bytes, once escapes are undone.
    func hasKey(_ word: String) -> Bool {
        guard !span.keyHasEscapes else { return key.utf8.elementsEqual(word.utf8) }
        return keyLength == word.utf8.count && rawKey.elementsEqual(word.utf8)
    }
}
