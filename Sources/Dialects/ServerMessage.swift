/// What a client is told, in any dialect. A dialect without words for a message says nothing.
public enum ServerMessage: Sendable {
    /// The connection is good.
    case welcome(clientID: String, heartbeatMilliseconds: Int)
    /// The token is good; `expiresAt` is in milliseconds, nil when it never ends.
    case authenticated(user: String, username: String, sessionID: String, expiresAt: Int64?, request: RequestID?)
    /// The token is bad; a close follows.
    case authenticationFailed(Fault, request: RequestID?)
    /// The channel is followed; `recovered`: nothing is missing since the position the client gave.
    case subscribed(ChannelName, position: Position?, recovered: Bool?, request: RequestID?)
    /// The channel is followed no longer.
    case unsubscribed(ChannelName, request: RequestID?)
    /// The answer to a ping.
    case pong(request: RequestID?)
    /// Something was refused.
    case fault(Fault, request: RequestID?)
    /// The node is alive; clients are counted cluster-wide.
    case heartbeat(connectedClients: Int, uptimeSeconds: Double)
    /// An event, or with ``Delivery/isSnapshot`` a state, to one who follows the channel.
    case delivery(Delivery)
    /// A task's state to one who has asked for it, or who owns the task.
    case taskUpdate(Delivery, request: RequestID?)
}
