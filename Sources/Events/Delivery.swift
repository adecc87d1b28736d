/// An event on its way to clients.
public struct Delivery: Sendable {
    /// Where it was published.
    public var channel: ChannelName
    /// What was published.
    public var event: Event
    /// What is known of the channel with this event in it (for a state: by now).
    public var knowledge: TaskKnowledge
    /// The event's place in the channel; nil for a plain PUBLISH.
    public var position: Position?
    /// When it was published, in milliseconds since the epoch: used where the event has no time of its own.
    public var timestamp: Int64
    /// Whether this is a state, given instead of what came before.
    public var isSnapshot: Bool

    /// Whether events without a place are part of what the state says: its place alone does not name it.
    public var isAltered = false

    /// How many numbered events between the message before on this channel and this one can no longer be told.
    public var missed: UInt64 = 0

    /// In a state, whose task it is.
    public var owner: String?

    /// What the event says of its epoch, because nobody has been told of it yet.
    public var epochMark = EpochMark.none

    /// How much of an epoch an event tells.
    public enum EpochMark: Sendable {
        /// Nothing: it is known.
        case none
        /// Its name: the channel had none before.
        case first
        /// Its name, and that everything begins anew: the numbers of another epoch came before, and lower ones follow.
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
}
