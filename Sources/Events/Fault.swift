/// The one table of errors a client may be told of: words for most dialects, numbers for topics.
public enum FaultCode: String, Sendable, CaseIterable {
    /// The message is not JSON.
    case invalidJSON = "INVALID_JSON"
    /// The message is JSON, but not what it should be.
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
    /// Nothing is known by this id.
    case notFound = "NOT_FOUND"
    /// Too many messages in too short a time.
    case rateLimited = "RATE_LIMITED"
    /// The message is longer than accepted.
    case messageTooLarge = "MESSAGE_TOO_LARGE"
    /// The connection has as many subscriptions as it may.
    case tooManySubscriptions = "TOO_MANY_SUBSCRIPTIONS"
    /// What the request needs is away; it may be tried again.
    case unavailable = "UNAVAILABLE"
    /// Anything else that is refused.
    case invalidOperation = "INVALID_OPERATION"
    /// The client speaks another version of the dialect.
    case protocolError = "PROTOCOL_ERROR"
    /// The connection cannot be served; a close follows.
    case connectionFailed = "CONNECTION_FAILED"
    /// A failure of ours (presence has its own word for it).
    case messageProcessingError = "MESSAGE_PROCESSING_ERROR"

    /// The number topics uses while the connection is open; at connect ``unauthorized`` is 40100 there.
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

/// What a client is told when something is refused.
public struct Fault: Error, Equatable, Sendable {
    /// What is wrong, for programs.
    public var code: FaultCode
    /// What is wrong, for people.
    public var message: String
    /// The channel the refusal is about, where the client should be told.
    public var subject: ChannelName?

    /// A fault with its words.
    public init(_ code: FaultCode, _ message: String, subject: ChannelName? = nil) {
        self.code = code
        self.message = message
        self.subject = subject
    }
}
