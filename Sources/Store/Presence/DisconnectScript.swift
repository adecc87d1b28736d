package import RESP

/// Asks every loop to close what it holds of a user.
package struct DisconnectScript: ScriptRequest {
    package static let script = RedisScript("presence-disconnect", file: "DisconnectScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Sends `message`, which asks for that, to the control channel of each loop.
    package init(_ user: String, message: String, keys: PresenceKeys) {
        self.keys = ["nodes", "u"].map(keys.key)
        arguments = [[UInt8]](words: [user, message, keys.controlStart])
    }

    /// How many connections the user had.
    package func reply(_ value: RedisValue) -> Int64? { value.integer }
}
