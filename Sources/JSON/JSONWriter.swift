/// Appends JSON text, in the order of the calls.
///
/// Between a `begin` and its `end` the text is always a prefix of valid JSON: the writer adds commas and escapes, and
/// writes numbers that JSON does not have as `null`. Wrong nesting is a programming error and traps (debug builds).
public struct JSONWriter: Sendable {
    /// The text so far.
    public private(set) var bytes: [UInt8]

    @usableFromInline var needsComma = false
    #if DEBUG
        private var open: [Container] = []
    #endif
    private enum Container { case object, array, string }

    /// An empty text with room for `capacity` bytes.
    public init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// `{`
    public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        push(.object)
    }

    /// `}`
    public mutating func endObject() {
        pop(.object)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// `[`
    public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        push(.array)
    }

    /// `]`
    public mutating func endArray() {
        pop(.array)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A key that needs no escapes.
    public mutating func key(_ word: StaticString) {
        assert(word.bytes.allSatisfy { !JSONEscape.isNeeded($0) }, "JSONWriter: the key \(word) needs escapes")
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: word.bytes)
        endKey()
    }

    /// Writes a key that is not known at compile time, escaped. Disfavoured: else every literal would become a String.
    @_disfavoredOverload
    public mutating func key(_ text: String) {
        separate()
        JSONEscape.append(text, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A key as it was written in valid JSON, between its quotes.
    public mutating func key(raw content: ArraySlice<UInt8>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: content)
        endKey()
    }

    /// A field as it was written in valid JSON.
    public mutating func field(_ field: JSONField) {
        separate()
        bytes.append(contentsOf: field.raw)
        needsComma = true
    }

    /// Writes a string, escaped.
    public mutating func string(_ text: String) {
        separate()
        JSONEscape.append(text, to: &bytes)
        needsComma = true
    }

    /// A string that needs no escapes.
    public mutating func string(_ word: StaticString) {
        assert(word.bytes.allSatisfy { !JSONEscape.isNeeded($0) }, "JSONWriter: the string \(word) needs escapes")
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: word.bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A string of ASCII that needs no escapes.
    public mutating func string(ascii text: [UInt8]) {
        assert(text.allSatisfy { !JSONEscape.isNeeded($0) && $0 < 0x80 }, "JSONWriter: the text needs escapes")
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// The opening quote of a string written in pieces, without making a String of them first.
    public mutating func beginString() {
        separate()
        bytes.append(UInt8(ascii: "\""))
        needsComma = false
        push(.string)
    }

    /// A piece of a string.
    public mutating func piece(_ text: String) { JSONEscape.appendContent(text, to: &bytes) }

    /// A piece of a string that needs no escapes.
    public mutating func piece(_ word: StaticString) {
        assert(word.bytes.allSatisfy { !JSONEscape.isNeeded($0) }, "JSONWriter: the piece \(word) needs escapes")
        bytes.append(contentsOf: word.bytes)
    }

    /// A piece of a string: the digits of a number.
    public mutating func piece(_ value: UInt64) { appendDigits(value) }

    /// The closing quote of a string written in pieces.
    public mutating func endString() {
        pop(.string)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Writes all digits of an integer, also above 2^53, where JavaScript rounds what it reads.
    public mutating func integer(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
        needsComma = true
    }

    /// Writes an integer, as the other `integer` does.
    public mutating func integer(_ value: Int) { integer(Int64(value)) }

    /// An integer without a sign.
    public mutating func unsigned(_ value: UInt64) {
        separate()
        appendDigits(value)
        needsComma = true
    }

    /// A number; infinities and NaN, which JSON does not have, become `null`.
    public mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        raw(Array(value.description.utf8))
    }

    /// `true` or `false`.
    public mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    /// `null`
    public mutating func null() { raw("null" as StaticString) }

    /// A value, as it was written.
    public mutating func value(_ value: JSONValue) { raw(value.raw) }

    /// A value that is valid JSON.
    public mutating func raw(_ text: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: text)
        needsComma = true
    }

    /// A value that is valid JSON.
    public mutating func raw(_ text: StaticString) { raw(text.bytes) }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func endKey() {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func appendDigits(_ value: UInt64) {
        var value = value
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
            value /= 10
        } while value > 0
        bytes[start...].reverse()
    }

    private mutating func push(_ container: Container) {
        #if DEBUG
            open.append(container)
        #endif
    }

    private mutating func pop(_ container: Container) {
        #if DEBUG
            precondition(open.popLast() == container, "JSONWriter: an end without its begin")
        #endif
    }
}
