package import Events
package import RESP

/// Publishes a notification to a user once, by its idempotency key.
package struct NotificationScript: ScriptRequest {
    package static let script = RedisScript("notify", file: "NotificationScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// What was published.
    package struct Receipt: Sendable, Equatable {
        /// The notification's id: that of the first one under the name.
        package let id: Int64
        /// Loops that are subscribed.
        package let receivers: Int64
    }

    /// Publishes `text`, made of `source`, with its `id` to `user`; once under `name`.
    package init(_ text: [UInt8], id: Int64, source: [UInt8], to user: Identifier, name: String, naming: Naming) {
        keys = [naming.idempotencyKey(name, of: .user(user))]
        arguments = [
            Array(naming.channel(ChannelName.user(user).text).utf8), text, source, Array("\(id)".utf8),
        ]
    }

    package func reply(_ value: RedisValue) -> Receipt? {
        guard let fields = value.array, fields.count == 3, let id = fields[1].integer,
            let receivers = fields[2].integer
        else { return nil }
        return Receipt(id: id, receivers: receivers)
    }
}
