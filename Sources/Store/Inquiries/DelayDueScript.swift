package import RESP

/// Puts a channel off, or enters it.
package struct DelayDueScript: ScriptRequest {
    package static let script = RedisScript("due-delay", file: "DelayDueScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Puts `channel`, as Redis knows it, off for so long.
    package init(_ channel: String, milliseconds: Int, in set: DueSet) {
        keys = [set.key]
        arguments = [[UInt8]](words: [channel, "\(milliseconds)"])
    }

    /// When it is due now.
    package func reply(_ value: RedisValue) -> Int64? { value.integer }
}
