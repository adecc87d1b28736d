import Events
import JSON

extension JSONWriter {
    /// The channel's id under the dialect's name for it, where the channel is a task's.
    mutating func identity(_ key: StaticString, of channel: ChannelName) {
        guard channel.kind == .task else { return }
        self.key(key)
        string(channel.id)
    }

    /// The place of a delivery: the sequence number of every sequenced event, all three with a state and with the first
    /// event after a change of the epoch. The first event of an epoch names it also to who is told of it later.
    mutating func position(of delivery: Delivery) {
        if let position = delivery.position {
            if delivery.isSnapshot || delivery.epochMark != .none || position.sequence == 1 {
                key("epoch")
                string(position.epoch)
            }
            key("sequence")
            unsigned(position.sequence)
        }
        if delivery.isSnapshot || delivery.epochMark == .changed {
            key("snapshot")
            bool(true)
        }
        missed(delivery.missed)
    }

    /// How many numbered events before this message can no longer be told, where it is any.
    mutating func missed(_ count: UInt64) {
        guard count > 0 else { return }
        key("missed")
        unsigned(count)
    }

    /// The same as a message of its own: how many, and the place up to which it is so.
    mutating func missed(_ count: UInt64, upTo position: Position) {
        key("epoch")
        string(position.epoch)
        key("sequence")
        unsigned(position.sequence)
        missed(count)
    }

    /// Where a subscription stands, and whether anything is missing since the position that the client gave.
    mutating func subscription(position: Position?, recovered: Bool?) {
        if let position {
            key("epoch")
            string(position.epoch)
            key("sequence")
            unsigned(position.sequence)
        }
        if let recovered {
            key("recovered")
            bool(recovered)
        }
    }

    /// What a state says of fields that its event left out, or that were said after it; with `stage` also the stage being
    /// worked on, without `stages` not those that are done. Of an event its own list of stages, as far as it is kept. Answers what is thereby said.
    mutating func remembered(of delivery: Delivery, stage: StaticString? = nil, stages: Bool = true) -> EventFieldSet {
        guard delivery.event.isAboutTask else { return .none }
        var said = stages ? completedStages(of: delivery) : .none
        guard delivery.isSnapshot else { return said }
        let known = delivery.knowledge
        if let stage, let words = delivery.currentStage {
            key(stage)
            self.words(words)
            said.formUnion(EventFieldSet(.currentStage, .currentStep))
        }
        if let message = known.message {
            key("message")
            string(message)
            said.formUnion(EventFieldSet(.message))
        }
        if let total = known.totalSteps {
            key("totalSteps")
            raw(total.utf8)
            said.formUnion(EventFieldSet(.totalSteps))
        }
        if let left = known.timeRemaining {
            key("estimatedTimeRemaining")
            raw(left.utf8)
            said.formUnion(EventFieldSet(.estimatedTimeRemaining))
        }
        return said
    }

    private mutating func completedStages(of delivery: Delivery) -> EventFieldSet {
        let isSaid =
            delivery.isSnapshot ? !delivery.knowledge.completedStages.isEmpty : delivery.event.completedStages != nil
        guard isSaid else { return .none }
        key("completedStages")
        strings(delivery.knowledge.completedStages)
        return EventFieldSet(.completedStages)
    }

    /// The event's fields as they are, but for `written`, those that are ours, and the id that the event's own
    /// shape gives the task. `sequence`, `epoch`, `snapshot` and `missed` are left out also where we set none: clients would
    /// take them for ours and resume from them.
    mutating func otherFields(of event: Event, except written: EventFieldSet) {
        let content = event.content
        var left = written.union(.ours)
        if !content.isWrapped { left.formUnion(EventFieldSet(.type)) }
        if content.isWrapped, event.isRestart {
            // Beside the wrapper it is the event's, within it the worker's own: clients find one of them.
            key("restart")
            bool(true)
        }
        if let idField = content.idField { left.formUnion(EventFieldSet(idField)) }
        for field in content.body.fields {
            if let known = EventField(field), left.contains(known) { continue }
            if content.isWrapped, field.hasKey("restart") { continue }
            self.field(field)
        }
    }
}

extension EventFieldSet {
    /// Set by us in every shape, or not at all.
    fileprivate static let ours = EventFieldSet(.timestamp, .sequence, .epoch, .snapshot, .missed)
}
