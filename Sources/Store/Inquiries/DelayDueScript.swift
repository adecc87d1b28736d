package import RESP

/// Postpones a channel, or adds it.
package struct DelayDueScript: ScriptRequest {
    package static let script = RedisScript("due-delay", file: "DelayDueScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Postpones `channel`, by its name in Redis, for so long.
    package init(_ channel: String, milliseconds: Int, in set: DueSet) {
        keys = [set.key]
        arguments = [[UInt8]](words: [channel, "\(milliseconds)"])
    }

    /// The time at which it is due now.
    package func reply(_ value: RedisValue) -> Int64? { value.integer }
}
