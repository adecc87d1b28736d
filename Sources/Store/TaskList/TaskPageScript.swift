package import RESP

/// Reads a page of the list of tasks, the newest first.
package struct TaskPageScript: ScriptRequest {
    package static let script = RedisScript("task-page", file: "TaskPageScript")
    package let keys: [String]
    package let arguments: [[UInt8]]
    private let count: Int

    /// A part of the list.
    package struct Page: Sendable, Equatable {
        /// The tasks, without what is none.
        package let tasks: [ListedTask]
        /// Whether there are as many as were asked for, and so perhaps more.
        package let isFull: Bool
    }

    /// Reads at most `count` tasks of a set (``TaskListKeys``): those after `last`, or the first.
    package init(of set: String, after last: ListedTask?, count: Int) {
        keys = [set]
        self.count = count
        arguments = [[UInt8]](words: ["\(count)"] + (last.map { ["\($0.startedAt)", $0.member] } ?? []))
    }

    package func reply(_ value: RedisValue) -> Page? {
        guard let fields = value.array else { return nil }
        let tasks = stride(from: 0, to: fields.count - 1, by: 2).compactMap { place -> ListedTask? in
            guard let member = fields[place].string, let startedAt = fields[place + 1].score else { return nil }
            return ListedTask(member: member, startedAt: startedAt)
        }
        return Page(tasks: tasks, isFull: fields.count / 2 >= count)
    }
}
