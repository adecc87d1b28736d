package import RESP

/// Writes how many viewers of a task one loop has.
package struct WriteViewersScript: ScriptRequest {
    package static let script = RedisScript("presence-write-viewers", file: "WriteViewersScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `room`: the task's hash of viewers.
    package init(_ viewers: Int, in room: String, of incarnation: String) {
        keys = [room]
        arguments = [[UInt8]](words: [incarnation, "\(viewers)", "\(PresenceLimits.viewersSeconds)"])
    }

    package func reply(_ value: RedisValue) -> Void? { value.integer == 1 ? () : nil }
}
