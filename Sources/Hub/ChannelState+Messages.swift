import Events

/// Receives messages from Redis.
extension ChannelState {
    /// Decides what to do with a message. `now` is in milliseconds since 1970, for a message that does not carry its
    /// time.
    public mutating func receive(
        _ payload: UnsafeRawBufferPointer, at now: Int64, using resources: ChannelResources
    ) -> ChannelEffects {
        let reading = Envelope.read(payload)
        if case .forged = reading { return ChannelEffects(.count(.forged)) }
        var effects = ChannelEffects()
        switch sync.receive(reading.position, payload: payload) {
        case .deliver: tell(reading, payload, from: .wire, at: now, using: resources, &effects)
        case .read: effects.append(.read)
        case .drop, .wait: break
        }
        return effects
    }

    /// Where a message was before its turn.
    enum Source {
        /// It arrived just now.
        case wire
        /// It waited for a read.
        case waiting
        /// A read found it.
        case read
    }

    /// Delivers a message whose turn it is. Returns whether it changes how the task stands.
    @discardableResult
    mutating func tell(
        _ reading: Envelope.Reading, _ payload: UnsafeRawBufferPointer, from source: Source, at now: Int64,
        using resources: ChannelResources, _ effects: inout ChannelEffects
    ) -> Bool {
        let position = reading.position
        defer { if let position { keep(payload, at: position, in: resources.memory) } }
        let event: Event
        do throws(EventReader.NotAnEvent) {
            event = try resources.reader.event(behind: reading, in: payload, on: name)
        } catch {
            effects.append(.count(.invalid(error.reason)))
            return false
        }
        if position == nil, knowledge.hasEnded, !event.isRestart, event.isAboutTask {
            effects.append(.count(.afterEnd))
            return false
        }
        let time = reading.milliseconds ?? now
        learn(event, reading, at: time, using: resources)
        // Where a read found the message, the answer named the owner.
        if let position, source != .read { learnOwner(from: event, at: position, &effects) }
        let delivery = delivery(of: event, at: position, time)
        effects.append(source == .wire && event.isAboutTask ? .tellNews(delivery) : .tell(delivery))
        if event.needsAcknowledgement { effects.append(.expectAcknowledgements(delivery)) }
        return event.isAboutTask
    }

    /// Learns the facts of an event.
    private mutating func learn(
        _ event: Event, _ reading: Envelope.Reading, at time: Int64, using resources: ChannelResources
    ) {
        let position = reading.position
        knowledge.apply(event, at: time, isFirst: position?.sequence == 1)
        // Until a read, or until the task restarts: Redis does not store events without a position.
        isAltered = isAltered && !event.isRestart || position == nil && event.isAboutTask
        resources.reader.take(knowledgeIn: reading, into: &knowledge)
    }

    /// The first event that names an owner sets it. The first event after a loss of data starts anew.
    private mutating func learnOwner(from event: Event, at position: Position, _ effects: inout ChannelEffects) {
        let isFirst = position.sequence == 1 && position.epoch != toldEpoch
        guard isFirst || owner == nil && event.owner != nil else { return }
        learn(owner: event.owner?.text, &effects)
    }

    /// The event as the members get it. A state-bearing event becomes the state.
    private mutating func delivery(of event: Event, at position: Position?, _ time: Int64) -> Delivery {
        var delivery = Delivery(
            channel: name, event: event, knowledge: knowledge, position: position, timestamp: time)
        if event.isStateBearing {
            latest = StateEvent(event: event, position: position, timestamp: time)
        } else if event.isRestart {
            latest = nil
        }
        delivery.epochMark = mark(position)
        if position != nil { delivery.missed = sync.takeMissed() }
        if delivery.epochMark == .changed { delivery.owner = owner }
        return delivery
    }

    /// What an event at `position` must say of its epoch.
    private mutating func mark(_ position: Position?) -> Delivery.EpochMark {
        guard let epoch = position?.epoch, epoch != toldEpoch else { return .none }
        defer { toldEpoch = epoch }
        return toldEpoch == nil ? .first : .changed
    }

    /// Keeps a message for viewers that come back.
    private mutating func keep(_ payload: UnsafeRawBufferPointer, at position: Position, in memory: RecentMemory) {
        let share = recent ?? memory.share()
        recent = share
        share.append(position, payload, knowledge)
    }

    /// Sends the members the state, because events before it are missing. `sequence` is its position in the epoch.
    mutating func tellSnapshot(at sequence: UInt64?, _ effects: inout ChannelEffects) {
        guard var snapshot else { return }
        if let sequence { snapshot.position?.sequence = sequence }
        if let epoch = snapshot.position?.epoch { toldEpoch = epoch }
        if snapshot.position != nil { snapshot.missed = sync.takeMissed() }
        effects.append(.tell(snapshot))
    }

    /// Tells the members what they missed, as a message of its own.
    mutating func tellMissed(_ effects: inout ChannelEffects) {
        let count = sync.takeMissed()
        guard count > 0, let position = sync.position else { return }
        effects.append(.tellMissed(count, position))
    }
}
