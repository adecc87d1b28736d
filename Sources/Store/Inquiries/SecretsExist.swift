package import Events
package import RESP

/// Whether a task was registered with secrets.
package struct SecretsExist: CommandRequest {
    package let command: RedisCommand
    package var name: String { "whether a task has secrets" }

    /// Asks about a task.
    package init(of channel: ChannelName, naming: Naming) {
        command = RedisCommand("EXISTS", .key(naming.secretKey(of: channel)))
    }

    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
