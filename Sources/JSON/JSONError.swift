/// Why a text is not the expected JSON.
public struct JSONError: Error, Equatable, Sendable {
    /// The reason, for programs.
    public enum Code: Equatable, Sendable {
        /// Not JSON: wrong grammar, half a surrogate pair, or text after the end.
        case invalid
        /// JSON, but not an object where one is needed.
        case notAnObject
        /// Nested more deeply than the parser's bound.
        case tooDeep
        /// Longer than the parser's bound.
        case tooLarge
        /// The bytes are not UTF-8.
        case notUTF8
    }

    /// The reason, for programs.
    public let code: Code
    /// The reason, for people.
    public let message: String

    /// An error with its message.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}
