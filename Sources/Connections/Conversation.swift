package import Dialects
package import Events
package import HTTP

/// What a connection is used for at the moment: first requests, after an upgrade frames.
package protocol Conversation: AnyObject {
    /// The same, where it follows channels.
    var following: (any ChannelConversation)? { get }

    /// Bytes have come. They are valid during the call.
    func receive(_ bytes: UnsafeRawBufferPointer)
    /// The answer to the request that was being answered.
    func finish(with response: Response)
    /// The client will send nothing more.
    func peerDidFinish()
    /// More waits for this client than may.
    func didOverflow()
    /// Others wait to say what they want, and this client does not say it.
    func makeWay()
    /// The node is stopping: end politely.
    func drain()
    /// The socket is closed; nothing follows.
    func didEnd()
}

extension Conversation {
    package var following: (any ChannelConversation)? { nil }
    package func finish(with response: Response) {}
    package func makeWay() {}
}

/// A conversation that follows channels: a WebSocket's, or a stream of events.
package protocol ChannelConversation: Conversation {
    /// Whose connection it is; nil where nobody's.
    var user: String? { get }
    /// The last announcement that is in the count of users that the client was told; nil where it was told none.
    var hearsAfter: Int64? { get }
    /// Requests for a status that wait for a third party.
    var waitingInquiries: Int { get set }

    /// Whether its client may watch a channel, whose owner is `owner` as far as is known.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool
    /// Tells the client something.
    func say(_ message: ServerMessage)
    /// Tells the client that it may not watch the channel.
    func refuseToShow(_ channel: ChannelName, request: RequestID?)
    /// The client is to acknowledge an event it has just been told.
    func expectAcknowledgement(of delivery: Delivery)
    /// Sends the messages that wait to be sent as one.
    func flushBatch()
    /// Keeps the connection alive, or ends it when the client was silent for too long.
    func beat(_ heartbeat: Heartbeat)
    /// Tells the client anew how many users are online, where it has been told.
    func tellCount()
    /// How logs name the client, beside its connection.
    func name(_ client: inout ClientLog.Client)
    /// An administrator closes what the user has open.
    func closeForAdministrator()
}

extension ChannelConversation {
    package var following: (any ChannelConversation)? { self }
    package var hearsAfter: Int64? { nil }
    package func expectAcknowledgement(of delivery: Delivery) {}
    package func flushBatch() {}
    package func beat(_ heartbeat: Heartbeat) {}
    package func tellCount() {}
    package func name(_ client: inout ClientLog.Client) {}
}
