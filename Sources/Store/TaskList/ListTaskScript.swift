package import RESP

/// Puts a task into the list of tasks, as it stands now.
package struct ListTaskScript: ScriptRequest {
    package static let script = RedisScript("list-task", file: "ListTaskScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// The task at its place, which stands so.
    package init(_ task: ListedTask, _ standing: TaskStanding, keys: TaskListKeys) {
        self.keys = keys.sets(of: task.owner)
        arguments = [[UInt8]](words: [
            ListedTask.unownedMember(of: task.id), task.member, "\(task.startedAt)", standing.rawValue,
        ])
    }

    package func reply(_ value: RedisValue) -> Int64? { value.integer }
}
