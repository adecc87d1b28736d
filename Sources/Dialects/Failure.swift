import JSON

/// What a failed event says went wrong, from a string or from `{code, message, details, retryable}`.
public struct Failure: Sendable {
    /// The code used where the event has none.
    public static let defaultCode = "GENERATION_FAILED"

    /// What went wrong, for programs.
    public let code: String
    /// What went wrong, for people.
    public let message: String
    /// Whether the worker may try again.
    public let isRetryable: Bool
    /// The event's `error`, when it is an object.
    let object: JSONObject?

    init(code: String?, message: String, isRetryable: Bool, object: JSONObject?) {
        self.code = code ?? Self.defaultCode
        self.message = message
        self.isRetryable = isRetryable
        self.object = object
    }
}
