package import RESP

/// Removes a channel that is finished, unless a node has added it anew or postponed it since.
package struct DropDueScript: ScriptRequest {
    package static let script = RedisScript("due-drop", file: "DropDueScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `due`: the time at which `channel`, by its name in Redis, was due when the caller read it.
    package init(_ channel: String, due: Int64, in set: DueSet) {
        keys = [set.key]
        arguments = [[UInt8]](words: [channel, "\(due)"])
    }

    /// Whether it was removed.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
