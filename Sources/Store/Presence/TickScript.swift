package import RESP

/// Announces users whose departure is due, and lists late loops.
package struct TickScript: ScriptRequest {
    package static let script = RedisScript("presence-tick", file: "TickScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `everyone`: the channel for these announcements.
    package init(limits: PresenceLimits, everyone: String, keys: PresenceKeys) {
        self.keys = keys.shared
        arguments = [[UInt8]](
            words: [
                "\(limits.leaseMilliseconds)", "\(limits.heartbeatMilliseconds)", everyone, "\(limits.broadcastUpTo)",
                keys.controlStart,
            ])
    }

    /// The incarnations to reap.
    package func reply(_ value: RedisValue) -> [String]? { value.array?.compactMap(\.string) }
}
