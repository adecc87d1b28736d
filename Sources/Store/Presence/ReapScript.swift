package import RESP

/// Reaps a loop, a chunk of its users at a time.
package struct ReapScript: ScriptRequest {
    package static let script = RedisScript("presence-reap", file: "ReapScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// What is left of the loop.
    package enum Reply: String, Sendable {
        /// Users.
        case users
        /// Rooms that may count its viewers: ``RoomsRequest`` names them.
        case rooms
        /// Nothing; or the loop has come back meanwhile, and nothing was done.
        case done
    }

    /// `isOwn`: the loop itself asks.
    package init(
        _ incarnation: String, chunk: Int = PresenceLimits.chunk, limits: PresenceLimits, isOwn: Bool,
        keys: PresenceKeys
    ) {
        self.keys =
            keys.shared + [keys.users(of: incarnation), keys.rooms(of: incarnation), keys.about(incarnation)]
        arguments = [[UInt8]](
            words: [
                incarnation, "\(chunk)", "\(limits.graceMilliseconds)", "\(limits.heartbeatMilliseconds)",
                isOwn ? "1" : "0",
            ])
    }

    package func reply(_ value: RedisValue) -> Reply? { value.string.flatMap(Reply.init) }
}
