import Events
import JSON

extension JSONWriter {
    /// The bytes that a batch of `messages` takes, with its envelope.
    static func batchCapacity(_ messages: [[UInt8]]) -> Int { messages.reduce(192) { $0 + $1.count + 1 } }

    /// The messages of a batch, unchanged.
    mutating func updates(_ messages: [[UInt8]]) {
        key("updates")
        beginArray()
        for message in messages { raw(message) }
        endArray()
    }

    /// The channel's id under the dialect's name, where the channel is a task's.
    mutating func identity(_ key: StaticString, of channel: ChannelName) {
        guard channel.kind == .task else { return }
        self.key(key)
        string(channel.id)
    }

    /// The position of a delivery: the sequence of every sequenced event; also epoch and state mark with a state and
    /// with the first event after a change of the epoch. The first event of an epoch names it to late viewers, too.
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

    /// How many numbered events before this message are lost, where any are.
    mutating func missed(_ count: UInt64) {
        guard count > 0 else { return }
        key("missed")
        unsigned(count)
    }

    /// The same as a separate message: how many, and up to which position.
    mutating func missed(_ count: UInt64, upTo position: Position) {
        key("epoch")
        string(position.epoch)
        key("sequence")
        unsigned(position.sequence)
        missed(count)
    }

    /// The position of a subscription, and whether events after the client's position are lost.
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

    /// Fields that a state's event left out or that came after it; with `stage` also the current stage, without
    /// `stages` not the completed ones. An event has its own list of stages, within the bounds. Returns the fields
    /// written.
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

    /// The event's fields unchanged, except `written`, those that Fantail sets, and the id that the event's own shape
    /// gives the task. `sequence`, `epoch`, `snapshot` and `missed` are left out even where Fantail sets none: clients
    /// would take the worker's for Fantail's and resume from them.
    mutating func otherFields(of event: Event, except written: EventFieldSet) {
        let content = event.content
        var left = written.union(.ours)
        if !content.isWrapped { left.formUnion(EventFieldSet(.type)) }
        if content.isWrapped, event.isRestart {
            // Outside the wrapper the event's, inside it the worker's: clients find one of them.
            key("restart")
            bool(true)
        }
        if let idField = content.idField { left.formUnion(EventFieldSet(idField)) }
        for (place, field) in content.body.fields.enumerated() where !content.hasOne(of: left, at: place) {
            if content.isWrapped, field.hasKey("restart") { continue }
            self.field(field)
        }
    }
}

extension EventFieldSet {
    /// Fantail sets these in every shape, or leaves them out.
    fileprivate static let ours = EventFieldSet(.timestamp, .sequence, .epoch, .snapshot, .missed)
}
