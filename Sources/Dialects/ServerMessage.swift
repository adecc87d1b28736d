public import Events

/// A message to a client, in any dialect. A dialect without a form for it sends nothing.
public enum ServerMessage: Sendable {
    /// The client is connected.
    case welcome(clientID: String, heartbeatMilliseconds: Int)
    /// The user is counted; `welcome` is a text for it, `onlineCount` the number of users as announced.
    case connected(user: String, welcome: String, onlineCount: Int)
    /// The token is good; `expiresAt` is in milliseconds, nil when it never expires.
    case authenticated(user: String, username: String, sessionID: String, expiresAt: Int64?, request: RequestID?)
    /// The token is bad; a close follows.
    case authenticationFailed(Fault, request: RequestID?)
    /// The client follows the channel; `recovered`: no event since the client's position is lost.
    case subscribed(ChannelName, position: Position?, recovered: Bool?, request: RequestID?)
    /// The client has left the channel.
    case unsubscribed(ChannelName, request: RequestID?)
    /// The client has left all channels of the topic.
    case unsubscribedTopic(String, request: RequestID?)
    /// The answer to a ping.
    case pong(request: RequestID?)
    /// A request was refused.
    case fault(Fault, request: RequestID?)
    /// The last message before the node closes with that code.
    case closing(code: UInt16, reason: String)
    /// The node is alive; clients are counted cluster-wide.
    case heartbeat(connectedClients: Int, uptimeSeconds: Double)
    /// An event, or with ``Delivery/isSnapshot`` a state, to a viewer that follows the channel.
    case delivery(Delivery)
    /// So many numbered events, the last of them at `position`, are lost, and no message follows that could tell that.
    case missed(ChannelName, count: UInt64, position: Position)
    /// A task's state to a viewer that asked for it, or a change of it to an owner who does not follow the task.
    case taskUpdate(Delivery, request: RequestID?)

    /// The request that it answers; nil for what no client asked for.
    public var request: RequestID? {
        switch self {
        case .authenticated(_, _, _, _, let request), .authenticationFailed(_, let request),
            .subscribed(_, _, _, let request), .unsubscribed(_, let request), .unsubscribedTopic(_, let request),
            .pong(let request), .fault(_, let request), .taskUpdate(_, let request):
            request
        case .welcome, .connected, .closing, .heartbeat, .delivery, .missed: nil
        }
    }
}

/// The time and name that a message is written with.
public struct MessageStamp: Sendable, Equatable {
    /// Milliseconds since the epoch, for messages without a time of their own.
    public var now: Int64
    /// The writing loop's name, which no other loop ever had.
    public var origin: String
    /// A counter of the loop's messages: with ``origin`` it identifies a message that no position in a channel names.
    public var serial: UInt64

    /// The loop's `FrameWriter` makes stamps; a test makes its own, so that it knows the bytes.
    public init(now: Int64, origin: String, serial: UInt64) {
        self.now = now
        self.origin = origin
        self.serial = serial
    }
}
