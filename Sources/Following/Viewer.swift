package import Dialects
package import Events
package import Hub

/// A connection that follows channels.
package protocol Viewer: SubscriberOwner {
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

    /// Whether the connection must first take what was sent before.
    var isBehind: Bool { get }
    /// Calls `action` at once, or when the connection has taken what was sent before. Returns false where too many
    /// actions wait.
    func whenCaughtUp(_ action: @escaping () -> Void) -> Bool
    /// Whether a replay for the connection is being read or sent.
    func replay(isUnderWay: Bool)
}

extension Subscriber {
    /// The viewer that owns this subscriber; nil where the owner is none. Not for the path of an event: a cast to a
    /// protocol searches the type's conformances. A second property of this type would cost every viewer 16 bytes, for
    /// members that are put out or set aside.
    var viewer: (any Viewer)? { owner as? any Viewer }
}
