package import Events
package import RESP

/// Asks for what decides whether a reader of the list wants a task: much less than its state.
package struct TaskOutline: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the outline of a task" }

    /// What Redis stores.
    package struct Reply: Sendable, Equatable {
        /// Whether Redis has the task.
        package let exists: Bool
        package let owner: String?
        /// The last status, as the worker wrote it.
        package let status: String?
        /// Whether the task has ended.
        package let hasEnded: Bool

        static let gone = Reply(exists: false, owner: nil, status: nil, hasEnded: false)
    }

    /// Asks about a task.
    package init(of id: Identifier, naming: Naming) {
        command = RedisCommand("HMGET", .key(naming.metaKey(of: .task(id))), "e", "ow", "sw", "end")
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let fields = value.array, fields.count == 4 else { return nil }
        return Reply(
            exists: !fields[0].isNull, owner: fields[1].string, status: fields[2].string, hasEnded: !fields[3].isNull)
    }

    /// A key of another type is no task.
    package func reply(to error: RedisReplyError) -> Reply? { error.code == "WRONGTYPE" ? .gone : nil }
}
