public import Events

/// What a client is told, in any dialect. A dialect without words for a message says nothing.
public enum ServerMessage: Sendable {
    /// The connection is good.
    case welcome(clientID: String, heartbeatMilliseconds: Int)
    /// The user is counted in; so many are online, as far as has been announced.
    case connected(user: String, username: String, onlineCount: Int)
    /// The token is good; `expiresAt` is in milliseconds, nil when it never ends.
    case authenticated(user: String, username: String, sessionID: String, expiresAt: Int64?, request: RequestID?)
    /// The token is bad; a close follows.
    case authenticationFailed(Fault, request: RequestID?)
    /// The channel is followed; `recovered`: nothing is missing since the position the client gave.
    case subscribed(ChannelName, position: Position?, recovered: Bool?, request: RequestID?)
    /// The channel is followed no longer.
    case unsubscribed(ChannelName, request: RequestID?)
    /// Nothing of this topic is followed any longer.
    case unsubscribedTopic(String, request: RequestID?)
    /// The answer to a ping.
    case pong(request: RequestID?)
    /// Something was refused.
    case fault(Fault, request: RequestID?)
    /// The last message before the server closes with that code.
    case closing(code: UInt16, reason: String)
    /// The node is alive; clients are counted cluster-wide.
    case heartbeat(connectedClients: Int, uptimeSeconds: Double)
    /// An event, or with ``Delivery/isSnapshot`` a state, to one who follows the channel.
    case delivery(Delivery)
    /// So many numbered events, the last of them at `position`, can no longer be told, and no message that could say so
    /// follows.
    case missed(ChannelName, count: UInt64, position: Position)
    /// A task's state to one who has asked for it, or a change of it to one who owns the task and does not follow it.
    case taskUpdate(Delivery, request: RequestID?)
}

/// When and as what a message is written.
public struct MessageStamp: Sendable, Equatable {
    /// Milliseconds since the epoch, for what has no time of its own.
    public var now: Int64
    /// The loop that writes it, unlike any other that ever ran.
    public var origin: String
    /// Counts what the loop has written: with ``origin`` unlike that of any other message, for those that no position in
    /// a channel names.
    public var serial: UInt64

    /// A stamp.
    public init(now: Int64, origin: String, serial: UInt64) {
        self.now = now
        self.origin = origin
        self.serial = serial
    }
}
