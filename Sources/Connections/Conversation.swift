package import Dialects
package import Events
package import HTTP

/// The current use of a connection: requests first, frames after an upgrade.
package protocol Conversation: AnyObject {
    /// This conversation, where it follows channels.
    var following: (any ChannelConversation)? { get }

    /// Bytes were read. They are valid during the call.
    func receive(_ bytes: UnsafeRawBufferPointer)
    /// Takes the answer to the current request.
    func finish(with response: Response)
    /// The client will send nothing more.
    func peerDidFinish()
    /// The client's outbox exceeded its hard limit.
    func didOverflow()
    /// The node needs the connection for other clients, and this one has sent no request.
    func makeWay()
    /// The node is stopping: ends with a reason.
    func drain()
    /// The socket is closed; nothing follows.
    func didEnd()
}

extension Conversation {
    package var following: (any ChannelConversation)? { nil }
    package func finish(with response: Response) {}
    package func makeWay() {}
}

/// A conversation that follows channels: a WebSocket's or an event stream's.
package protocol ChannelConversation: Conversation {
    /// The connection's user; nil where it has none.
    var user: String? { get }
    /// The announcements that the client's count of users includes; nil where it was told no count.
    var hearsAfter: CountedAnnouncements? { get }
    /// Status requests that wait for a third party.
    var waitingInquiries: Int { get set }

    /// Whether its client may watch a channel; `owner` is its task's owner, where the loop knows it.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool
    /// Sends the client a message.
    func say(_ message: ServerMessage)
    /// Tells the client that it may not watch the channel.
    func refuseToShow(_ channel: ChannelName, request: RequestID?)
    /// The client must acknowledge an event it was just sent.
    func expectAcknowledgement(of delivery: Delivery)
    /// Sends the batch as one message.
    func flushBatch()
    /// Sends a heartbeat, or ends the connection when the client was silent for too long.
    func beat(_ heartbeat: Heartbeat)
    /// Tells the client the count of users online again, where it was told one.
    func tellCount()
    /// Adds the client's name and user for log lines.
    func name(_ client: inout ClientLog.Client)
    /// An administrator closes the user's connections.
    func closeForAdministrator()
}

extension ChannelConversation {
    package var following: (any ChannelConversation)? { self }
    package var hearsAfter: CountedAnnouncements? { nil }
    package func expectAcknowledgement(of delivery: Delivery) {}
    package func flushBatch() {}
    package func beat(_ heartbeat: Heartbeat) {}
    package func tellCount() {}
    package func name(_ client: inout ClientLog.Client) {}
}
