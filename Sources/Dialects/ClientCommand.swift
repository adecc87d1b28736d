public import Events
public import JSON

/// The `id` of a client's request, any JSON value; the answer carries it unchanged.
public struct RequestID: Sendable, Equatable {
    /// The JSON text.
    public let raw: [UInt8]

    /// The id `value`; nil where it is `null` or too long to send back.
    public init?(_ value: JSONValue?) {
        guard let value, !value.isNull, value.raw.count <= EventLimits.maxRequestIDBytes else { return nil }
        raw = Array(value.raw)
    }
}

/// The status that a user sets (ops/dialects.md).
public enum PresenceStatus: String, Sendable, CaseIterable {
    case online, away, busy, offline
}

/// What a client's message asks for, in any dialect.
public enum ClientCommand: Sendable, Equatable {
    /// Authenticate. A missing token counts as an empty one, and is refused as a bad one.
    case authenticate(token: String, wantsBatches: Bool, request: RequestID?)
    /// Follow a channel, after `since` where that is still known.
    case subscribe(ChannelName, since: Position?, request: RequestID?)
    /// Leave the channel.
    case unsubscribe(ChannelName, request: RequestID?)
    /// Leave all channels of this topic, with any params.
    case unsubscribeTopic(String, request: RequestID?)
    /// Send the newest state of each task; no channel is named twice.
    case requestStatus([ChannelName], request: RequestID?)
    /// Answer the ping.
    case ping(request: RequestID?)
    /// The client has the message of this id; do not send it again.
    case acknowledge(messageID: String)
    /// Tell others that the user is typing, or stopped. `context` is a JSON value, passed on unchanged.
    case typing(isTyping: Bool, context: [UInt8]?)
    /// Tell others the user's status. `data` is a JSON value, passed on unchanged.
    case presence(PresenceStatus, data: [UInt8]?)
    /// Send a message to a user; `time` is the sender's own, in milliseconds.
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
