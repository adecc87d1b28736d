package import RESP

/// Takes a task out of the list of tasks: Redis has deleted the task, or it has another owner now.
package struct UnlistTaskScript: ScriptRequest {
    package static let script = RedisScript("unlist-task", file: "UnlistTaskScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `loop` has the lease; the task as it was listed.
    package init(_ task: ListedTask, by loop: String, keys: TaskListKeys) {
        self.keys = [keys.keeper] + keys.sets(of: task.owner)
        arguments = [[UInt8]](words: [loop, task.member])
    }

    /// Whether the loop still keeps the list.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
