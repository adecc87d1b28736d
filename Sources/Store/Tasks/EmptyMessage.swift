package import RESP

/// Publishes a message without text: shows that the login may publish. Nodes drop it, since it is no event.
package struct EmptyMessage: CommandRequest {
    package let command: RedisCommand
    package var name: String { "PUBLISH" }

    /// `channel`: with the prefix.
    package init(to channel: String) { command = RedisCommand("PUBLISH", .string(channel), "") }

    /// The subscribers of the channel.
    package func reply(_ value: RedisValue) -> Int64? {
        if case .integer(let subscribers) = value, subscribers >= 0 { subscribers } else { nil }
    }
}
