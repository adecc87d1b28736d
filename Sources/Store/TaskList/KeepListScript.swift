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

    /// Whose the lease is.
    package enum Reply: Sendable, Equatable {
        /// The loop's; `isNew`: only now.
        case own(isNew: Bool)
        /// Another's, or nobody's.
        case others
    }

    package func reply(_ value: RedisValue) -> Reply? {
        value.integer.map { $0 == 0 ? .others : .own(isNew: $0 == 2) }
    }
}
