import Events
import Dialects
import Hub

/// Whoever follows channels over one connection.
protocol Viewer: OutboxOwner {
    /// What the hub knows of the connection.
    var subscriber: Subscriber { get }
    /// Whether the connection still takes what channels carry.
    var isListening: Bool { get }
    /// Requests for a status of this viewer that wait for a third party.
    var waitingInquiries: Int { get set }

    /// Whether the viewer may watch a channel, whose owner is `owner` as far as is known.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool
    /// Tells the viewer something.
    func say(_ message: ServerMessage)
    /// Tells the viewer that it may not watch the channel.
    func refuseToShow(_ channel: ChannelName, request: RequestID?)
    /// The viewer is to acknowledge an event it has just been told.
    func expectAcknowledgement(of delivery: Delivery)

    /// Whether the connection has enough to take for now.
    var isBehind: Bool { get }
    /// Calls `action` at once, or when the connection has taken what it was sent before. Answers false where too much
    /// waits already.
    func whenCaughtUp(_ action: @escaping () -> Void) -> Bool
    /// A replay is being read for the connection, or has been told.
    func replay(isUnderWay: Bool)
}

extension Subscriber {
    /// Whoever follows channels with it; nil where nobody does.
    var viewer: (any Viewer)? { owner as? any Viewer }
}
