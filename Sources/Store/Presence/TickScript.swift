package import RESP

/// Has those announced whose going is due, and asks which loops are late.
package struct TickScript: ScriptRequest {
    package static let script = RedisScript("presence-tick", file: "TickScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `everyone`: the channel on which comings and goings are announced.
    package init(limits: PresenceLimits, everyone: String, keys: PresenceKeys) {
        self.keys = keys.shared
        arguments = [[UInt8]](
            words: [
                "\(limits.leaseMilliseconds)", "\(limits.heartbeatMilliseconds)", everyone, "\(limits.broadcastUpTo)",
                keys.controlStart,
            ])
    }

    /// The incarnations that are to be taken out.
    package func reply(_ value: RedisValue) -> [String]? { value.array?.compactMap(\.string) }
}
