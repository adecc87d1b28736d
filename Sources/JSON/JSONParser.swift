import CSimdjson

/// Validates with simdjson's DOM parser, then finds the top-level fields with On-Demand.
///
/// Both are needed: On-Demand alone is lazy and accepts broken JSON inside skipped values (simdjson 3.0.1). A loop has
/// one parser; it keeps the memory that both reuse and a scratch buffer with simdjson's padding. Half a surrogate pair
/// in a `\u` escape is refused. A number may have any size and any number of digits (``BigNumbers``).
public final class JSONParser {
    /// The longest accepted text, in bytes.
    public let maxBytes: Int
    /// The deepest accepted nesting; the outermost object is 1.
    public let maxDepth: Int

    private let parser: OpaquePointer
    private var scratch: UnsafeMutableRawBufferPointer

    private static let initialScratchBytes = 4096
    private static let padding = fantail_json_padding()

    /// A parser with its bounds.
    public init(maxBytes: Int, maxDepth: Int = 64) {
        precondition(maxBytes > 0 && maxBytes < Int(UInt32.max) / 2, "JSONParser: maxBytes \(maxBytes) is out of range")
        precondition(maxDepth > 0 && maxDepth <= 1024, "JSONParser: maxDepth \(maxDepth) is out of range")
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        // simdjson counts the values inside the deepest object as another level.
        parser = fantail_json_parser_create(maxBytes, maxDepth + 1)
        scratch = .allocate(byteCount: Self.initialScratchBytes, alignment: 64)
    }

    deinit {
        fantail_json_parser_destroy(parser)
        scratch.deallocate()
    }

    /// Parses `bytes` as an object.
    public func object(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONObject {
        try validate(bytes)
        return try fields(count: bytes.count)
    }

    /// Parses `bytes` as an object.
    public func object(_ bytes: [UInt8]) throws(JSONError) -> JSONObject {
        try copyIn(bytes[...])
        try validateScratch(count: bytes.count)
        return try fields(count: bytes.count)
    }

    /// Parses `bytes` as an object.
    public func object(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONObject {
        try copyIn(bytes)
        try validateScratch(count: bytes.count)
        return try fields(count: bytes.count)
    }

    /// Parses `bytes` as a value of any kind: for requests that may be an object or an array of them.
    public func value(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        try validate(bytes)
        return JSONValue(validText: Array(bytes))
    }

    /// Parses `bytes` as a value of any kind.
    public func value(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try copyIn(bytes[...])
        try validateScratch(count: bytes.count)
        return JSONValue(validText: bytes)
    }

    /// The fields of an object that is part of a validated text.
    func object(valid bytes: ArraySlice<UInt8>) throws(JSONError) -> JSONObject {
        try copyIn(bytes)
        return try fields(count: bytes.count)
    }

    private func validate(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
        try makeRoom(for: bytes.count)
        scratch.copyMemory(from: bytes)
        try validateScratch(count: bytes.count)
    }

    private func copyIn(_ bytes: ArraySlice<UInt8>) throws(JSONError) {
        try makeRoom(for: bytes.count)
        bytes.withUnsafeBytes { scratch.copyMemory(from: $0) }
    }

    private func makeRoom(for count: Int) throws(JSONError) {
        guard count <= maxBytes else {
            throw JSONError(code: .tooLarge, message: "The text has \(count) bytes; at most \(maxBytes) are accepted.")
        }
        let needed = count + Self.padding
        guard needed > scratch.count else { return }
        scratch.deallocate()
        scratch = .allocate(byteCount: max(needed, 2 * scratch.count), alignment: 64)
    }

    private func validateScratch(count: Int) throws(JSONError) {
        var result = fantail_json_validate(parser, scratch.baseAddress, count)
        if result == FANTAIL_JSON_BAD_NUMBER {
            var text = Array(scratch[..<count])
            BigNumbers.erase(in: &text)
            text.append(contentsOf: repeatElement(0, count: Self.padding))
            result = fantail_json_validate(parser, text, count)
        }
        guard result == FANTAIL_JSON_OK else { throw error(result) }
    }

    private func fields(count: Int) throws(JSONError) -> JSONObject {
        var found: UnsafePointer<fantail_json_field>?
        var foundCount = 0
        var repeated: UInt32 = 0
        let result = fantail_json_fields(parser, scratch.baseAddress, count, &found, &foundCount, &repeated)
        guard result == FANTAIL_JSON_OK else { throw error(result) }
        let list = UnsafeBufferPointer(start: found, count: foundCount)
        return JSONObject(
            bytes: Array(scratch[..<count]), fields: list.map(JSONObject.Span.init), repeated: repeated)
    }

    private func error(_ result: fantail_json_result) -> JSONError {
        let code: JSONError.Code =
            switch result {
            case FANTAIL_JSON_NOT_AN_OBJECT: .notAnObject
            case FANTAIL_JSON_TOO_DEEP: .tooDeep
            case FANTAIL_JSON_TOO_LARGE: .tooLarge
            case FANTAIL_JSON_NOT_UTF8: .notUTF8
            default: .invalid
            }
        if code == .notAnObject { return JSONError(code: code, message: "A JSON object is expected.") }
        return JSONError(code: code, message: String(cString: fantail_json_message(parser)))
    }
}

@available(*, unavailable)
extension JSONParser: Sendable {}

extension JSONObject.Span {
    fileprivate init(_ field: fantail_json_field) {
        self.init(
            keyStart: field.key_start, keyEnd: field.key_end, valueStart: field.value_start, valueEnd: field.value_end,
            keyHasEscapes: field.key_has_escapes)
    }
}
