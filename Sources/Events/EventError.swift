/// Why published bytes are not an event. The message is for the publisher.
public struct EventError: Error, Equatable, Sendable {
    /// The reason, for programs.
    public enum Code: Equatable, Sendable {
        /// More than ``EventLimits/maxEventBytes``.
        case tooLarge
        /// `type` is not a non-empty string.
        case badType
        /// A field that the type needs is missing or of the wrong kind, or a field is duplicated.
        case badField
    }

    /// The reason, for programs.
    public let code: Code
    /// The reason, for people.
    public let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
