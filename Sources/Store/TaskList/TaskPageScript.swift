package import RESP

/// Reads a page of the list of tasks, the newest first.
package struct TaskPageScript: ScriptRequest {
    package static let script = RedisScript("task-page", file: "TaskPageScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Reads at most `count` tasks of a set (``TaskListKeys``): those after `last`, or the first.
    package init(of set: String, after last: ListedTask?, count: Int) {
        keys = [set]
        arguments = [[UInt8]](words: ["\(count)"] + (last.map { ["\($0.startedAt)", $0.member] } ?? []))
    }

    /// Members that are no task's are left out.
    package func reply(_ value: RedisValue) -> [ListedTask]? {
        guard let fields = value.array else { return nil }
        return stride(from: 0, to: fields.count - 1, by: 2).compactMap { place in
            guard let member = fields[place].string, let startedAt = fields[place + 1].score else { return nil }
            return ListedTask(member: member, startedAt: startedAt)
        }
    }
}
