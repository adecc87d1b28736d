/// The one table of errors that clients get: words for most dialects, numbers for topics.
public enum FaultCode: String, Sendable, CaseIterable {
    /// The message is not JSON.
    case invalidJSON = "INVALID_JSON"
    /// The message is JSON, but not valid.
    case invalidMessage = "INVALID_MESSAGE"
    /// The message's type is none of the dialect's.
    case unknownMessageType = "UNKNOWN_MESSAGE_TYPE"
    /// The token is bad, missing or no longer valid.
    case unauthorized = "UNAUTHORIZED"
    /// No `auth` came in time.
    case authTimeout = "AUTH_TIMEOUT"
    /// A message came before `auth`.
    case authRequired = "AUTH_REQUIRED"
    /// The holder of the token may not do this.
    case forbidden = "FORBIDDEN"
    /// Fantail knows nothing by this id.
    case notFound = "NOT_FOUND"
    /// Too many messages in too short a time.
    case rateLimited = "RATE_LIMITED"
    /// The message is longer than accepted.
    case messageTooLarge = "MESSAGE_TOO_LARGE"
    /// The connection has the most subscriptions that it may have.
    case tooManySubscriptions = "TOO_MANY_SUBSCRIPTIONS"
    /// The request needs something that is away; the client may retry.
    case unavailable = "UNAVAILABLE"
    /// Any other refusal.
    case invalidOperation = "INVALID_OPERATION"
    /// The client speaks another version of the dialect.
    case protocolError = "PROTOCOL_ERROR"
    /// The connection cannot be served; a close follows.
    case connectionFailed = "CONNECTION_FAILED"
    /// An error of the node (presence has its own word for it).
    case messageProcessingError = "MESSAGE_PROCESSING_ERROR"

    /// The number in topics while the connection is open; at connect ``unauthorized`` is 40100 there.
    public var number: Int {
        switch self {
        case .unauthorized, .authTimeout, .authRequired: 1001
        case .connectionFailed: 1000
        case .protocolError: 1002
        case .invalidJSON, .invalidMessage, .unknownMessageType: 2000
        case .messageTooLarge: 2001
        case .rateLimited: 2002
        case .notFound, .tooManySubscriptions, .unavailable: 3000
        case .forbidden: 3001
        case .invalidOperation, .messageProcessingError: 3002
        }
    }
}

/// The error that a client gets for a refused request.
public struct Fault: Error, Equatable, Sendable {
    /// The error's code, for programs.
    public var code: FaultCode
    /// The error's text, for people.
    public var message: String
    /// The channel that the refusal is about, where the client should know it.
    public var subject: ChannelName?

    /// A fault with its text.
    public init(_ code: FaultCode, _ message: String, subject: ChannelName? = nil) {
        self.code = code
        self.message = message
        self.subject = subject
    }
}
