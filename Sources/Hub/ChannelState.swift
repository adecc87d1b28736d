public import Events

/// What a loop knows of a channel, and what it decides: what to do with a message, a read, a loss, a newcomer.
///
/// A value without I/O. Each function takes what happened and returns the effects (``ChannelEffect``), in order. The
/// state already includes all of them.
public struct ChannelState {
    /// The channel's name.
    public let name: ChannelName
    /// Where the loop stands in the channel's sequence.
    public internal(set) var sync = ChannelSync()
    /// What the last events said, for events that leave it out and for viewers that come later.
    public internal(set) var knowledge = TaskKnowledge()
    /// The task's owner, where the loop knows it.
    public internal(set) var owner: String?

    /// The last state-bearing event: a new viewer gets it, with what is known now.
    var latest: StateEvent?
    /// Whether that includes events without a position, which other loops may not have heard.
    var isAltered = false
    /// The owner is from data that Redis lost: the next known owner replaces it, whoever watches now.
    var ownerIsLost = false
    /// The epoch that the members were told of; nil before the first.
    var toldEpoch: String?
    /// The newest messages, where the loop keeps any.
    var recent: RecentMemory.Share?

    /// The number of the last question to Redis.
    var lastQuestion = 0
    /// When the loop asked it, in milliseconds of the loop; 0 before the first.
    var lastAsked: UInt64 = 0
    /// Redis does not let this node subscribe.
    var isRefused = false
    /// The timer that closes the channel is running.
    var isLingering = false

    /// An event that a new viewer gets, with its place and time.
    struct StateEvent {
        let event: Event
        let position: Position?
        let timestamp: Int64
    }

    /// A channel of which nothing is known yet.
    public init(name: ChannelName) { self.name = name }

    /// A channel as Redis stores it, for a viewer that only asked.
    public init(name: ChannelName, stored answer: ChannelAnswer, using resources: ChannelResources) {
        self.init(name: name)
        var effects = ChannelEffects()
        restore(answer, using: resources, &effects)
        owner = answer.owner
    }

    /// The channel's state for a new viewer: everything known, and the channel's position.
    public var snapshot: Delivery? {
        guard let latest else { return nil }
        var snapshot = Delivery(
            channel: name, event: latest.event, knowledge: knowledge, position: sync.position ?? latest.position,
            timestamp: latest.timestamp, isSnapshot: true)
        snapshot.isAltered = isAltered
        snapshot.owner = owner
        return snapshot
    }

    /// Everything stored of a task, in its one shape. `position` is the channel's.
    public func taskState(at position: Position?) -> TaskState {
        TaskState(
            channel: name, knowledge: knowledge, event: latest?.event, eventTime: latest?.timestamp, position: position,
            owner: owner)
    }

    // MARK: What is known

    /// Replaces what the loop knew by what a read found.
    mutating func restore(
        _ answer: ChannelAnswer, using resources: ChannelResources, _ effects: inout ChannelEffects
    ) {
        isAltered = false
        knowledge = resources.reader.knowledge(in: answer, of: name)
        latest = nil
        guard let state = answer.state else { return }
        do throws(EventReader.NotAnEvent) {
            latest = StateEvent(
                event: try resources.reader.event(state, on: name), position: answer.top,
                timestamp: answer.stateMilliseconds)
        } catch {
            effects.append(.count(.invalid(error.reason)))
        }
    }

    /// Forgets everything: Redis lost the published events.
    mutating func reset() {
        knowledge = TaskKnowledge()
        isAltered = false
        latest = nil
        recent = nil
    }

    /// Learns the task's owner.
    mutating func learn(owner: String?, _ effects: inout ChannelEffects) {
        guard self.owner != owner || ownerIsLost else { return }
        self.owner = owner
        ownerIsLost = false
        effects.append(.putOutStrangers)
    }
}
