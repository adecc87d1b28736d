public import Events

/// What a loop knows of a channel, and what it decides: what to do with a message, a read, a loss, a newcomer.
///
/// A value without I/O. Each function takes what has happened, and answers what is to be done for it (``ChannelEffect``), in
/// order. By the time the effects are done the state is that after all of them.
public struct ChannelState {
    /// The channel's name.
    public let name: ChannelName
    /// Where the loop stands in the channel's sequence.
    public internal(set) var sync = ChannelSync()
    /// What the last events said, for those that leave it out and for viewers that come later.
    public internal(set) var knowledge = TaskKnowledge()
    /// Whose task it is, as far as the loop has learned.
    public internal(set) var owner: String?

    /// The last state-bearing event: what a viewer that comes now is told.
    var latest: Delivery?
    /// Whether events without a place are part of that, which no other loop may have heard.
    var isAltered = false
    /// The owner is that of data which is lost: the next that is known counts, whoever watches now.
    var ownerIsLost = false
    /// The epoch that the members have been told of; nil before the first.
    var toldEpoch: String?
    /// The newest messages, as far as any are kept.
    var recent: RecentMemory.Share?

    /// The number of the last question to Redis.
    var lastQuestion = 0
    /// When that was asked, in milliseconds of the loop; 0 before the first.
    var lastAsked: UInt64 = 0
    /// Redis does not let this node subscribe.
    var isRefused = false
    /// The timer runs after which the channel is given up.
    var isLingering = false

    /// A channel of which nothing is known yet.
    public init(name: ChannelName) { self.name = name }

    /// A channel as Redis has it stored, for one who has only asked.
    public init(name: ChannelName, stored answer: ChannelAnswer, using resources: ChannelResources) {
        self.init(name: name)
        var effects = ChannelEffects()
        restore(answer, using: resources, &effects)
        owner = answer.owner
    }

    /// The channel's state as it is told to one who comes now: with all that is known and where the channel stands.
    public var snapshot: Delivery? {
        guard var snapshot = latest else { return nil }
        snapshot.knowledge = knowledge
        snapshot.position = sync.position ?? snapshot.position
        snapshot.isSnapshot = true
        snapshot.isAltered = isAltered
        snapshot.owner = owner
        return snapshot
    }

    /// The whole of what is stored of a task, in the one shape that it has. `position` is where the channel stands.
    public func taskState(at position: Position?) -> TaskState {
        TaskState(
            channel: name, knowledge: knowledge, event: latest?.event, eventTime: latest?.timestamp, position: position,
            owner: owner)
    }

    // MARK: What is known

    /// Replaces what was known by what a read has found.
    mutating func restore(
        _ answer: ChannelAnswer, using resources: ChannelResources, _ effects: inout ChannelEffects
    ) {
        isAltered = false
        knowledge = resources.reader.knowledge(in: answer, of: name)
        latest = nil
        guard let state = answer.state else { return }
        do throws(EventReader.NotAnEvent) {
            latest = Delivery(
                channel: name, event: try resources.reader.event(state, on: name), knowledge: knowledge,
                position: answer.top, timestamp: answer.stateMilliseconds)
        } catch {
            effects.append(.count(.invalid(error.reason)))
        }
    }

    /// Nothing is known any more: what was published is lost.
    mutating func reset() {
        knowledge = TaskKnowledge()
        isAltered = false
        latest = nil
        recent = nil
    }

    /// Learns whose task it is.
    mutating func learn(owner: String?, _ effects: inout ChannelEffects) {
        guard self.owner != owner || ownerIsLost else { return }
        self.owner = owner
        ownerIsLost = false
        effects.append(.putOutStrangers)
    }
}
