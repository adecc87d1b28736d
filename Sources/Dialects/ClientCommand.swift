public import Events
public import JSON

/// What a client knows the answer to its request by.
public struct RequestID: Sendable, Equatable {
    /// The JSON text of the request's `id`, any JSON value, which the answer carries unchanged; nil where it has none.
    public let raw: [UInt8]?
    /// The number by which a Socket.IO client takes one message as the answer; nil where it asks for none.
    public let acknowledgement: UInt64?

    /// The id `value`; nil where it is `null` or too long to send back.
    public init?(_ value: JSONValue?) {
        guard let value, !value.isNull, value.raw.count <= EventLimits.maxRequestIDBytes else { return nil }
        raw = Array(value.raw)
        acknowledgement = nil
    }

    private init(raw: [UInt8]?, acknowledgement: UInt64?) {
        self.raw = raw
        self.acknowledgement = acknowledgement
    }

    /// The request `request`, one of whose answers goes by a number.
    public init(_ request: RequestID?, acknowledgement: UInt64) {
        self.init(raw: request?.raw, acknowledgement: acknowledgement)
    }

    /// The same for further answers: a client takes one message by the number.
    public var furtherAnswer: RequestID? { raw.map { RequestID(raw: $0, acknowledgement: nil) } }
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

    /// The request's id, if it has one. Commands that have no answer have none.
    public var request: RequestID? {
        get {
            switch self {
            case .authenticate(_, _, let request), .subscribe(_, _, let request), .unsubscribe(_, let request),
                .requestStatus(_, let request), .ping(let request), .unsubscribeTopic(_, let request):
                request
            case .acknowledge, .typing, .presence, .chat, .disconnect:
                nil
            }
        }
        set {
            switch self {
            case .authenticate(let token, let batches, _):
                self = .authenticate(token: token, wantsBatches: batches, request: newValue)
            case .subscribe(let channel, let since, _): self = .subscribe(channel, since: since, request: newValue)
            case .unsubscribe(let channel, _): self = .unsubscribe(channel, request: newValue)
            case .requestStatus(let channels, _): self = .requestStatus(channels, request: newValue)
            case .ping: self = .ping(request: newValue)
            case .unsubscribeTopic(let topic, _): self = .unsubscribeTopic(topic, request: newValue)
            case .acknowledge, .typing, .presence, .chat, .disconnect: break
            }
        }
    }
}
