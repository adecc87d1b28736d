package import RESP

/// Enters a channel as due so much later; one that is there stays.
package struct EnterDueScript: ScriptRequest {
    package static let script = RedisScript("due-enter", file: "EnterDueScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Enters `channel`, as Redis knows it.
    package init(_ channel: String, milliseconds: Int, in set: DueSet) {
        keys = [set.key]
        arguments = [[UInt8]](words: [channel, "\(milliseconds)"])
    }

    package func reply(_ value: RedisValue) -> Void? { value.integer.map { _ in } }
}
