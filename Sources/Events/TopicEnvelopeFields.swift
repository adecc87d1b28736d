public import JSON

/// The fields around a topic's message that its publisher may not set. Of these a publisher sets type, data, time and
/// `ack`.
public enum TopicEnvelopeFields {
    private static let names: [StaticString] = [
        "type", "data", "timestamp", "messageId", "topic", "params", "sequence", "epoch", "snapshot", "missed",
        "ack",
    ]

    /// Whether `field` is one of them.
    public static func contains(_ field: JSONField) -> Bool { names.contains { field.hasKey($0) } }
}
