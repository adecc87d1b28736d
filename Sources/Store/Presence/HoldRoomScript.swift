package import RESP

/// Records that a task's hash of viewers may count viewers of a loop, before the hash does.
package struct HoldRoomScript: ScriptRequest {
    package static let script = RedisScript("presence-hold-room", file: "HoldRoomScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `room`: the task's hash of viewers.
    package init(_ room: String, by incarnation: String, keys: PresenceKeys) {
        self.keys = [keys.key("nodes"), keys.rooms(of: incarnation)]
        arguments = [[UInt8]](words: [incarnation, room])
    }

    /// Whether the loop is registered, and may write to that hash.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
