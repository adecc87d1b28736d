import Events
import JSON

/// The fields around the data of every message of topics: `{type, data, timestamp, messageId}`, and in a subscription
/// also `topic`, `params`, and the position.
struct TopicsEnvelope {
    let type: Words
    let timestamp: Int64
    let messageID: TopicsMessageID
    var subscription: ChannelName?
    var delivery: Delivery?
    /// Numbered events that are lost, and the position up to which they are.
    var missed: (count: UInt64, position: Position)?
    /// Whether the event's fields beside its data go here, unchanged.
    var carriesFields = false

    /// The message; `data` writes its data.
    func encode(capacity: Int = 256, data: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        writer.type(type)
        if let subscription { writer.subscription(to: subscription) }
        writer.key("data")
        data(&writer)
        writer.key("timestamp")
        writer.integer(timestamp)
        writer.key("messageId")
        messageID.write(to: &writer)
        if let missed { writer.missed(missed.count, upTo: missed.position) }
        if let delivery {
            writer.position(of: delivery)
            if delivery.event.needsAcknowledgement {
                writer.key("ack")
                writer.bool(true)
            }
            if carriesFields { writer.fields(beside: delivery.event) }
        }
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// `"topic":…,"params":{…}`, where the channel is one that topics can subscribe to.
    mutating func subscription(to channel: ChannelName) {
        switch channel.kind {
        case .task:
            // As ``TopicName`` does it, without making one for every event.
            key("topic")
            string("task")
            key("params")
            beginObject()
            key("taskId")
            string(channel.id)
            endObject()
        case .topic:
            if let name = TopicName(channel) { subscription(name) }
        case .user, .team, .everyone: break
        }
    }

    /// The publisher's fields beside type and data, without Fantail's. A notification's text is in its data.
    fileprivate mutating func fields(beside event: Event) {
        let isNotification = event.kind == .other("notification")
        for field in event.object.fields where !TopicEnvelopeFields.contains(field) {
            if isNotification, NotificationWords.holds(field) { continue }
            self.field(field)
        }
    }

    private mutating func subscription(_ name: TopicName) {
        key("topic")
        string(name.topic)
        key("params")
        beginObject()
        for param in name.params {
            key(param.key)
            string(param.value)
        }
        endObject()
    }
}
