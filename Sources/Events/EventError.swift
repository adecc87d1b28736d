/// Why what was published is not an event. The message is for whoever published it.
public struct EventError: Error, Equatable, Sendable {
    /// What is wrong, for programs.
    public enum Code: Equatable, Sendable {
        /// More than ``EventLimits/maxEventBytes``.
        case tooLarge
        /// `type` is not a non-empty string.
        case badType
        /// A field that the type needs is missing or of the wrong kind, or one stands twice.
        case badField
    }

    /// What is wrong, for programs.
    public let code: Code
    /// What is wrong, for people.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
