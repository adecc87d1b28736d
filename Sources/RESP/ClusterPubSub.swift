/// How the events of tasks and topics travel in a Redis Cluster. One Redis has one way for all, whatever this says.
public enum ClusterPubSub: String, Sendable, CaseIterable {
    /// By the master of their slot alone; what workers `PUBLISH` is heard as well.
    case both
    /// By the master of their slot alone.
    case sharded
    /// Over the cluster's bus to every server.
    case classic

    /// The word behind the run ids by which scripts publish with SPUBLISH (`Writers.lua`); empty where they use PUBLISH.
    package var word: String { isSharded ? " SPUBLISH" : "" }
    /// The command by which the events are published.
    package var command: String { isSharded ? "SPUBLISH" : "PUBLISH" }
    /// Whether a message goes to the master of its slot alone.
    package var isSharded: Bool { self != .classic }
}

/// The kind of a connection's subscriptions.
package enum SubscriptionKind: Sendable {
    /// SUBSCRIBE: every server of a cluster hears every message.
    case classic
    /// SSUBSCRIBE: the master of the channel's slot hears its messages.
    case sharded
    /// SSUBSCRIBE behind ASKING, at a master that takes over the slot of all channels: one command only.
    case importing
}
