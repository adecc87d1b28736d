package import RESP

/// Takes a channel out that is over, unless it was entered anew or put off since.
package struct DropDueScript: ScriptRequest {
    package static let script = RedisScript("due-drop", file: "DropDueScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `due`: when `channel`, as Redis knows it, was due as the caller looked at it.
    package init(_ channel: String, due: Int64, in set: DueSet) {
        keys = [set.key]
        arguments = [[UInt8]](words: [channel, "\(due)"])
    }

    /// Whether it was taken out.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
