package import RESP

/// Adds a channel that is due in so many milliseconds; one that is already there stays.
package struct EnterDueScript: ScriptRequest {
    package static let script = RedisScript("due-enter", file: "EnterDueScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Adds `channel`, by its name in Redis.
    package init(_ channel: String, milliseconds: Int, in set: DueSet) {
        keys = [set.key]
        arguments = [[UInt8]](words: [channel, "\(milliseconds)"])
    }

    package func reply(_ value: RedisValue) -> Void? { value.integer.map { _ in } }
}
