package import RESP

/// Announces users whose departure is due, and lists late loops.
package struct TickScript: ScriptRequest {
    package static let script = RedisScript("presence-tick", file: "TickScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// The loops that may be dead.
    package struct Reply: Sendable, Equatable {
        /// The incarnations to reap.
        package let gone: [String]
        /// Late ones: dead where no server has a subscriber of their control channels.
        package let late: [String]
    }

    /// `everyone`: the channel for these announcements.
    package init(limits: PresenceLimits, everyone: String, keys: PresenceKeys) {
        self.keys = keys.shared
        arguments = [[UInt8]](
            words: [
                "\(limits.leaseMilliseconds)", "\(limits.heartbeatMilliseconds)", everyone, "\(limits.broadcastUpTo)",
                keys.controlStart,
            ])
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let lists = value.array?.map(\.array), lists.count == 2, let gone = lists[0], let late = lists[1] else {
            return nil
        }
        return Reply(gone: gone.compactMap(\.string), late: late.compactMap(\.string))
    }
}
