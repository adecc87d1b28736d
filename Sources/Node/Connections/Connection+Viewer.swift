import Dialects
import Events
import Hub

/// A conversation that follows channels: a WebSocket's, or a stream of events.
protocol ChannelConversation: Conversation {
    /// Whose connection it is; nil where nobody's.
    var user: String? { get }
    /// Whether its client may watch a channel, whose owner is `owner` as far as is known.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool
    /// Tells the client something.
    func say(_ message: ServerMessage)
    /// Tells the client that it may not watch the channel.
    func refuseToShow(_ channel: ChannelName, request: RequestID?)
    /// The client is to acknowledge an event it has just been told.
    func expectAcknowledgement(of delivery: Delivery)
    /// An administrator closes what the user has open.
    func closeForAdministrator()
}

/// What following channels asks of a connection, passed on to its conversation.
extension Connection: Viewer {
    var following: (any ChannelConversation)? { conversation as? any ChannelConversation }

    var isListening: Bool { following != nil }

    var waitingInquiries: Int {
        get { webSocket?.session.waitingInquiries ?? 0 }
        set { webSocket?.session.waitingInquiries = newValue }
    }

    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool {
        following?.mayWatch(channel, owner: owner) ?? false
    }

    func say(_ message: ServerMessage) { following?.say(message) }

    func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        following?.refuseToShow(channel, request: request)
    }

    func expectAcknowledgement(of delivery: Delivery) { following?.expectAcknowledgement(of: delivery) }
}
