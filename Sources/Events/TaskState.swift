public import JSON

/// How a task stands, in the one shape of REST, event streams and the command: the last value of each field, and the
/// last event's own fields.
public struct TaskState: Sendable {
    /// The channel of the task, which has its id.
    public var channel: ChannelName
    /// The last value of each field.
    public var knowledge: TaskKnowledge
    /// The last event that tells how the task stands.
    public var event: Event?
    /// When that event was published, milliseconds since 1970.
    public var eventTime: Int64?
    /// The channel's position.
    public var position: Position?
    /// The task's owner.
    public var owner: String?
    /// The task's viewers on all nodes; nil where they were not counted.
    public var viewers: Int64?

    /// A state of these values.
    public init(
        channel: ChannelName, knowledge: TaskKnowledge, event: Event?, eventTime: Int64?, position: Position?,
        owner: String?, viewers: Int64? = nil
    ) {
        self.channel = channel
        self.knowledge = knowledge
        self.event = event
        self.eventTime = eventTime
        self.position = position
        self.owner = owner
        self.viewers = viewers
    }

    /// The state in a delivery: all of a state, of another event the fields that are known with it.
    package init(_ delivery: Delivery) {
        let isState = delivery.event.isStateBearing
        self.init(
            channel: delivery.channel, knowledge: delivery.knowledge, event: isState ? delivery.event : nil,
            eventTime: isState ? delivery.timestamp : nil, position: delivery.position, owner: delivery.owner)
    }

    /// The JSON object. Every key is present, with null where the value is unknown.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("task_id")
        writer.string(channel.id)
        writeStanding(to: &writer)
        writeTimes(to: &writer)
        writeEvent(to: &writer)
        writer.key("epoch")
        if let position { writer.string(position.epoch) } else { writer.null() }
        writer.key("sequence")
        if let position { writer.unsigned(position.sequence) } else { writer.null() }
        writer.key("viewers")
        if let viewers { writer.integer(viewers) } else { writer.null() }
        writer.endObject()
    }

    private func writeStanding(to writer: inout JSONWriter) {
        writer.key("status")
        writer.stringOrNull(knowledge.status)
        writer.key("progress")
        writer.rawOrNull(knowledge.progress)
        writer.key("current_stage")
        writer.stringOrNull(knowledge.currentStage)
        writer.key("completed_stages")
        writer.strings(knowledge.completedStages)
        writer.key("message")
        writer.stringOrNull(knowledge.message)
    }

    private func writeTimes(to writer: inout JSONWriter) {
        writer.key("started_at")
        writer.timeOrNull(knowledge.startedAt)
        writer.key("updated_at")
        writer.timeOrNull(knowledge.updatedAt)
        writer.key("ended_at")
        // The event that ended the task is its state until a restart.
        writer.timeOrNull(knowledge.hasEnded ? eventTime : nil)
        writer.key("estimated_time_remaining")
        writer.rawOrNull(knowledge.timeRemaining)
    }

    /// Whether the task's last state is a failure that still holds: not once the task has gone on.
    private var hasFailed: Bool {
        knowledge.hasEnded || knowledge.status.flatMap { StatusWord($0) } == .failed
    }

    private func writeEvent(to writer: inout JSONWriter) {
        writer.key("error")
        if let event, event.kind == .failed, hasFailed { writer.failure(event.failure) } else { writer.null() }
        writer.key("result")
        writer.valueOrNull(event?.content.value(.result))
        writer.key("metrics")
        writer.valueOrNull(event?.body["metrics"])
        writer.key("owner")
        writer.stringOrNull(owner)
        writer.key("state")
        if let event { writer.raw(event.object.bytes) } else { writer.null() }
    }
}

extension JSONWriter {
    /// The error, always `{code, message, retryable}`, then the other fields of the worker's error object, `details`
    /// first.
    package mutating func failure(_ failure: Failure?) {
        beginObject()
        key("code")
        string(failure?.code ?? Failure.defaultCode)
        key("message")
        string(failure?.message ?? Failure.defaultMessage)
        if let object = failure?.object {
            for field in object.fields where !Failure.isSetByUs(field) { self.field(field) }
        }
        key("retryable")
        bool(failure?.isRetryable ?? false)
        endObject()
    }

    fileprivate mutating func stringOrNull(_ text: String?) {
        if let text { string(text) } else { null() }
    }

    fileprivate mutating func rawOrNull(_ text: String?) {
        if let text { raw(text.utf8) } else { null() }
    }

    fileprivate mutating func valueOrNull(_ value: JSONValue?) {
        if let value { self.value(value) } else { null() }
    }

    fileprivate mutating func timeOrNull(_ milliseconds: Int64?) {
        if let milliseconds { string(ascii: ISO8601.bytes(milliseconds)) } else { null() }
    }
}

extension Failure {
    fileprivate static func isSetByUs(_ field: JSONField) -> Bool {
        field.hasKey("code") || field.hasKey("message") || field.hasKey("retryable")
    }
}
