import Events
import Dialects

/// Who follows channels on a connection: a WebSocket's session, or a stream of events.
protocol Viewer: AnyObject {
    /// Whether it may watch a channel, whose owner is `owner` as far as is known.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool
    /// Tells it something.
    func say(_ message: ServerMessage)
    /// Tells it that this channel is not its to watch.
    func refuseToShow(_ channel: ChannelName, request: RequestID?)
    /// It is to acknowledge an event it has just been told.
    func expectAcknowledgement(of delivery: Delivery)
}
