/// An event on its way to clients.
public struct Delivery: Sendable {
    /// Where it was published.
    public var channel: ChannelName
    /// What was published.
    public var event: Event
    /// What is known of the channel with this event (for a state: by now).
    public var knowledge: TaskKnowledge
    /// The event's position in the channel; nil for a plain PUBLISH.
    public var position: Position?
    /// When it was published, in milliseconds since the epoch: for events without a time of their own.
    public var timestamp: Int64
    /// Whether this is a state, sent in place of earlier events.
    public var isSnapshot: Bool

    /// Whether the state includes events without a position, so that its position alone does not identify it.
    public var isAltered = false

    /// How many numbered events of this channel between the last message and this one are lost.
    public var missed: UInt64 = 0

    /// The task's owner, in a state.
    public var owner: String?

    /// What the event says of its epoch, since no viewer was told of it yet.
    public var epochMark = EpochMark.none

    /// How much of an epoch an event tells.
    public enum EpochMark: Sendable {
        /// Nothing: viewers know it.
        case none
        /// Its name: the channel had none before.
        case first
        /// Its name, and that numbers start again: those before were of another epoch, and lower ones follow.
        case changed
    }

    /// A delivery of `event`.
    public init(
        channel: ChannelName, event: Event, knowledge: TaskKnowledge, position: Position?, timestamp: Int64,
        isSnapshot: Bool = false
    ) {
        self.channel = channel
        self.event = event
        self.knowledge = knowledge
        self.position = position
        self.timestamp = timestamp
        self.isSnapshot = isSnapshot
    }

    /// Whether a newer event of the same task may replace this one in an outbox: where the event itself says only how far
    /// the task is, and the client learns nothing else from it. A state, the change of an epoch and the report of a gap
    /// must not be replaced by an event that only has a number.
    public var isConflatable: Bool {
        event.isConflatable && !isSnapshot && epochMark != .changed && missed == 0
    }
}
