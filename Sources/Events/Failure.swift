package import JSON

/// The error of a failed event, read from a string or from `{code, message, details, retryable}`.
public struct Failure: Sendable {
    /// The code used where the event has none.
    public static let defaultCode = "GENERATION_FAILED"
    package static let defaultMessage = "The task failed."

    /// The error's code, for programs.
    public let code: String
    /// The error's text, for people.
    public let message: String
    /// Whether the worker may try again.
    public let isRetryable: Bool
    /// The event's `error`, when it is an object.
    package let object: JSONObject?

    /// Reads `error`; where it has no text, `errorMessage` and `message` beside it may have one.
    package init(_ places: FieldPlaces, in body: JSONObject, parser: JSONParser) {
        let error = places.value(.error, in: body)
        object = error?.object(parser)
        isRetryable = object?["retryable"]?.bool ?? false
        code = Self.words(object?["code"]) ?? Self.defaultCode
        let candidates = [
            object?["message"], error, places.value(.errorMessage, in: body), places.value(.message, in: body),
            object?["code"],
        ]
        message = candidates.lazy.compactMap(Self.words).first ?? Self.defaultMessage
    }

    /// A non-empty string, or a number's digits.
    private static func words(_ value: JSONValue?) -> String? {
        switch value?.kind {
        case .string: value?.string.flatMap { $0.isEmpty ? nil : $0 }
        case .number: value.map { String(decoding: $0.raw, as: UTF8.self) }
        default: nil
        }
    }
}
