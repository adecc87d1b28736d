package import RESP

/// Takes or renews the lease of the loop that keeps the list of tasks, or gives it back.
package struct KeepListScript: ScriptRequest {
    package static let script = RedisScript("keep-list", file: "KeepListScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `loop` is the loop's name, no other's; `milliseconds` 0 gives the lease back.
    package init(_ loop: String, milliseconds: Int, keys: TaskListKeys) {
        self.keys = [keys.keeper]
        arguments = [[UInt8]](words: [loop, "\(milliseconds)"])
    }

    /// Whether the loop has the lease now.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
