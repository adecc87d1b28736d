package import Events
package import RESP

/// Asks for a channel's position.
package struct StoredPosition: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the position of a channel" }

    /// What Redis holds.
    package struct Reply: Sendable, Equatable {
        /// The position; nil where nobody ever published to the channel.
        package let position: Position?
    }

    /// Asks about `channel`.
    package init(of channel: ChannelName, naming: Naming) {
        command = RedisCommand("HMGET", .key(naming.metaKey(of: channel)), "e", "s")
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let fields = value.array, fields.count == 2 else { return nil }
        guard let epoch = fields[0].string, let last = fields[1].integer, last >= 0 else { return Reply(position: nil) }
        return Reply(position: Position(epoch: epoch, sequence: UInt64(last)))
    }
}
