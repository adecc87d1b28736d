package import RESP

/// Reads whether one user is online, and its status.
package struct UserStatusScript: ScriptRequest {
    package static let script = RedisScript("presence-status", file: "UserStatusScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// A user's connections and status.
    package struct Status: Sendable, Equatable {
        /// Redis' time.
        package let milliseconds: Int64
        /// Its connections on all nodes.
        package let connections: Int64
        /// The status it set; nil where it is just online, or not connected.
        package let status: String?
        /// When it was last seen, Redis' time; nil where it is connected, was never seen, or too long ago.
        package let lastSeen: Int64?
    }

    /// Asks about `user`.
    package init(of user: String, keys: PresenceKeys) {
        self.keys = ["u", "s", "off"].map(keys.key)
        arguments = [[UInt8]](words: [user])
    }

    package func reply(_ value: RedisValue) -> Status? {
        guard let fields = value.array, fields.count >= 2, let now = fields[0].integer,
            let connections = fields[1].integer
        else { return nil }
        return Status(
            milliseconds: now, connections: connections, status: fields.count > 2 ? fields[2].string : nil,
            lastSeen: fields.count > 3 ? fields[3].score : nil)
    }
}
