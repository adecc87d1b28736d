package import RESP

/// Asks every loop to close a user's connections.
package struct DisconnectScript: ScriptRequest {
    package static let script = RedisScript("presence-disconnect", file: "DisconnectScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Publishes `message`, the request, to the control channel of each loop.
    package init(_ user: String, message: String, keys: PresenceKeys) {
        self.keys = ["nodes", "u"].map(keys.key)
        arguments = [[UInt8]](words: [user, message, keys.controlStart])
    }

    /// How many connections the user had.
    package func reply(_ value: RedisValue) -> Int64? { value.integer }
}
