import JSON

/// What every message of topics has around its data: `{type, data, timestamp, messageId}`, and of a subscription also
/// `topic`, `params`, and its place.
struct TopicsEnvelope {
    let type: Words
    let timestamp: Int64
    let messageID: String
    var subscription: TopicName?
    var delivery: Delivery?

    /// The message; `data` writes the value of its data.
    func encode(capacity: Int = 256, data: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        writer.type(type)
        if let subscription { writer.subscription(subscription) }
        writer.key("data")
        data(&writer)
        writer.key("timestamp")
        writer.integer(timestamp)
        writer.key("messageId")
        writer.string(messageID)
        if let delivery { writer.position(of: delivery) }
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    /// `"topic":…,"params":{…}`
    mutating func subscription(_ name: TopicName) {
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
