import Events
import Dialects

/// A conversation that follows channels: a WebSocket's, or a stream of events.
protocol ChannelConversation: Conversation {
    /// Whether its client may watch a channel, whose owner is `owner` as far as is known.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool
    /// Tells the client something.
    func say(_ message: ServerMessage)
    /// Tells the client that this channel is not its to watch.
    func refuseToShow(_ channel: ChannelName, request: RequestID?)
    /// The client is to acknowledge an event it has just been told.
    func expectAcknowledgement(of delivery: Delivery)
}
