public import JSON

/// The `id` of a client's request, to be given back exactly as it came: a string or a number.
public struct RequestID: Sendable, Equatable {
    /// The JSON text.
    public let raw: [UInt8]

    /// The id `value`; nil when it is neither a string nor a number.
    public init?(_ value: JSONValue?) {
        guard let value, value.kind == .string || value.kind == .number else { return nil }
        raw = Array(value.raw)
    }
}

/// What a client's message asks for, in any dialect.
public enum ClientCommand: Sendable, Equatable {
    /// Show who one is. A missing token is an empty one, and so refused as a bad one is.
    case authenticate(token: String, wantsBatches: Bool, request: RequestID?)
    /// Follow a channel, from `since` on where that is still known.
    case subscribe(ChannelName, since: Position?, request: RequestID?)
    /// Follow it no longer.
    case unsubscribe(ChannelName, request: RequestID?)
    /// The freshest state of each; no channel is named twice.
    case requestStatus([ChannelName], request: RequestID?)
    /// Answer.
    case ping(request: RequestID?)

    /// The request's id, if it has one.
    public var request: RequestID? {
        switch self {
        case .authenticate(_, _, let request), .subscribe(_, _, let request), .unsubscribe(_, let request),
            .requestStatus(_, let request), .ping(let request):
            request
        }
    }
}
