package import Dialects
package import Events
package import Hub

/// A connection that follows channels.
package protocol Viewer: OutboxOwner {
    /// The connection as the hub sees it.
    var subscriber: Subscriber { get }
    /// Whether the connection still takes events.
    var isListening: Bool { get }
    /// The viewer's status requests that wait for a third party.
    var waitingInquiries: Int { get set }

    /// Whether the viewer may watch a channel; `owner` is its task's owner, where the loop knows it.
    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool
    /// Sends the viewer a message.
    func say(_ message: ServerMessage)
    /// Tells the viewer that it may not watch the channel.
    func refuseToShow(_ channel: ChannelName, request: RequestID?)
    /// The viewer must acknowledge an event it was just sent.
    func expectAcknowledgement(of delivery: Delivery)

    /// Whether the connection must first take what was sent before.
    var isBehind: Bool { get }
    /// Calls `action` at once, or when the connection has taken what was sent before. Returns false where too many
    /// actions wait.
    func whenCaughtUp(_ action: @escaping () -> Void) -> Bool
    /// Whether a replay for the connection is being read or sent.
    func replay(isUnderWay: Bool)
}

extension Subscriber {
    /// The viewer that owns this subscriber; nil where the owner is none.
    var viewer: (any Viewer)? { owner as? any Viewer }
}
