public import JSON

/// The fields around a topic's message that are not for its publisher to fill. Of these a publisher gives type, data, time
/// and `ack`.
public enum TopicEnvelopeFields {
    private static let names: [StaticString] = [
        "type", "data", "timestamp", "messageId", "topic", "params", "sequence", "epoch", "snapshot", "missed",
        "ack",
    ]

    /// Whether `field` is one of them.
    public static func contains(_ field: JSONField) -> Bool { names.contains { field.hasKey($0) } }
}
