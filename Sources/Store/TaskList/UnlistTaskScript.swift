package import RESP

/// Takes a task out of the list of tasks: Redis has deleted the task, or it has another owner now.
package struct UnlistTaskScript: ScriptRequest {
    package static let script = RedisScript("unlist-task", file: "UnlistTaskScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// The task as it was listed.
    package init(_ task: ListedTask, keys: TaskListKeys) {
        self.keys = keys.sets(of: task.owner)
        arguments = [[UInt8]](words: [task.member])
    }

    package func reply(_ value: RedisValue) -> Int64? { value.integer }
}
