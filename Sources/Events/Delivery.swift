/// An event on its way to clients.
///
/// A value behind one reference: it passes through every stage of an event's path, and has a dozen references of its own.
public struct Delivery: Sendable {
    private var contents: Contents

    // Unchecked: nobody changes contents that another delivery shares (`change`).
    private final class Contents: @unchecked Sendable {
        var facts: Facts
        init(_ facts: Facts) { self.facts = facts }
    }

    private struct Facts {
        var channel: ChannelName
        var event: Event
        var knowledge: TaskKnowledge
        var position: Position?
        var timestamp: Int64
        var isSnapshot: Bool
        var isAltered = false
        var missed: UInt64 = 0
        var owner: String?
        var epochMark = EpochMark.none
    }

    private mutating func change(_ body: (inout Facts) -> Void) {
        if !isKnownUniquelyReferenced(&contents) { contents = Contents(contents.facts) }
        body(&contents.facts)
    }

    /// Where it was published.
    public var channel: ChannelName {
        get { contents.facts.channel }
        set { change { $0.channel = newValue } }
    }

    /// What was published.
    public var event: Event {
        get { contents.facts.event }
        set { change { $0.event = newValue } }
    }

    /// What is known of the channel with this event (for a state: by now).
    public var knowledge: TaskKnowledge {
        get { contents.facts.knowledge }
        set { change { $0.knowledge = newValue } }
    }

    /// The event's position in the channel; nil for a plain PUBLISH.
    public var position: Position? {
        get { contents.facts.position }
        set { change { $0.position = newValue } }
    }

    /// When it was published, in milliseconds since the epoch: for events without a time of their own.
    public var timestamp: Int64 {
        get { contents.facts.timestamp }
        set { change { $0.timestamp = newValue } }
    }

    /// Whether this is a state, sent in place of earlier events.
    public var isSnapshot: Bool {
        get { contents.facts.isSnapshot }
        set { change { $0.isSnapshot = newValue } }
    }

    /// Whether the state includes events without a position, so that its position alone does not identify it.
    public var isAltered: Bool {
        get { contents.facts.isAltered }
        set { change { $0.isAltered = newValue } }
    }

    /// How many numbered events of this channel between the last message and this one are lost.
    public var missed: UInt64 {
        get { contents.facts.missed }
        set { change { $0.missed = newValue } }
    }

    /// The task's owner, in a state.
    public var owner: String? {
        get { contents.facts.owner }
        set { change { $0.owner = newValue } }
    }

    /// What the event says of its epoch, since no viewer was told of it yet.
    public var epochMark: EpochMark {
        get { contents.facts.epochMark }
        set { change { $0.epochMark = newValue } }
    }

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
        contents = Contents(
            Facts(
                channel: channel, event: event, knowledge: knowledge, position: position, timestamp: timestamp,
                isSnapshot: isSnapshot))
    }

    /// Whether a newer event of the same task may replace this one in an outbox: where the event itself says only how far
    /// the task is, and the client learns nothing else from it. A state, the change of an epoch and the report of a gap
    /// must not be replaced by an event that only has a number.
    public var isConflatable: Bool {
        event.isConflatable && !isSnapshot && epochMark != .changed && missed == 0
    }
}
