package import RESP

/// Reads how one user stands.
package struct UserStatusScript: ScriptRequest {
    package static let script = RedisScript("presence-status", file: "UserStatusScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// How a user stands.
    package struct Status: Sendable, Equatable {
        /// Redis' time.
        package let milliseconds: Int64
        /// Its connections on all nodes.
        package let connections: Int64
        /// What it says to be; nil where it is simply online, or not there.
        package let status: String?
        /// When it was last seen, Redis' time; nil where it is there, or was never seen or long ago.
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
