/// Why a text is not the JSON that was asked for.
public struct JSONError: Error, Equatable, Sendable {
    /// What is wrong, for programs.
    public enum Code: Equatable, Sendable {
        /// Not JSON: grammar, half a surrogate pair, something after the end.
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

    /// What is wrong, for programs.
    public let code: Code
    /// What is wrong, for people.
    public let message: String

    /// An error with its words.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }
}
