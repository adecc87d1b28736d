public import Events
public import JSON

/// The `id` of a client's request, to be given back exactly as it came, whatever JSON it is.
public struct RequestID: Sendable, Equatable {
    /// The JSON text.
    public let raw: [UInt8]

    /// The id `value`; nil where it is `null`, and where it is longer than is worth giving back.
    public init?(_ value: JSONValue?) {
        guard let value, !value.isNull, value.raw.count <= EventLimits.maxRequestIDBytes else { return nil }
        raw = Array(value.raw)
    }
}

/// How a user says to be (ops/dialects.md).
public enum PresenceStatus: String, Sendable, CaseIterable {
    case online, away, busy, offline
}

/// What a client's message asks for, in any dialect.
public enum ClientCommand: Sendable, Equatable {
    /// Show who one is. A missing token is an empty one, and so refused as a bad one is.
    case authenticate(token: String, wantsBatches: Bool, request: RequestID?)
    /// Follow a channel, from `since` on where that is still known.
    case subscribe(ChannelName, since: Position?, request: RequestID?)
    /// Follow it no longer.
    case unsubscribe(ChannelName, request: RequestID?)
    /// Follow nothing of this topic any more, whatever the params were.
    case unsubscribeTopic(String, request: RequestID?)
    /// The freshest state of each; no channel is named twice.
    case requestStatus([ChannelName], request: RequestID?)
    /// Answer.
    case ping(request: RequestID?)
    /// The message of this id has come; it need not be sent again.
    case acknowledge(messageID: String)
    /// Tell the others that the user is writing, or no longer is. `context` is a JSON value, as it came.
    case typing(isTyping: Bool, context: [UInt8]?)
    /// Tell the others how the user is. `data` is a JSON value, as it came.
    case presence(PresenceStatus, data: [UInt8]?)
    /// Give a user a message; `time` is the sender's own, in milliseconds.
    case chat(to: Identifier, message: String, time: Int64?)
    /// Close: the client leaves.
    case disconnect

    /// The request's id, if it has one.
    public var request: RequestID? {
        switch self {
        case .authenticate(_, _, let request), .subscribe(_, _, let request), .unsubscribe(_, let request),
            .requestStatus(_, let request), .ping(let request), .unsubscribeTopic(_, let request):
            request
        case .acknowledge, .typing, .presence, .chat, .disconnect:
            nil
        }
    }
}
