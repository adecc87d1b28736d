package import Events
package import RESP

/// Asks for what the list of tasks says of a task.
package struct TaskFacts: CommandRequest {
    package let command: RedisCommand
    package var name: String { "a task for the list" }
    private let id: Identifier

    /// What Redis stores.
    package struct Reply: Sendable, Equatable {
        /// The task's place; nil where Redis has no such task.
        package let place: ListedTask?
        /// How the task stands.
        package let standing: TaskStanding
        /// When Redis deletes the task unless it gets another event, by Redis' milliseconds; nil where that is not known.
        package let deletedAt: Int64?

        static let gone = Reply(place: nil, standing: .active, deletedAt: nil)
    }

    /// Asks about a task.
    package init(of id: Identifier, naming: Naming) {
        self.id = id
        command = RedisCommand("HMGET", .key(naming.metaKey(of: .task(id))), "e", "sa", "end", "ow", "xp")
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let fields = value.array, fields.count == 5 else { return nil }
        guard fields[0].bytes != nil else { return .gone }
        let place = ListedTask(
            id: id, owner: fields[3].string.flatMap { Identifier($0) },
            startedAt: min(max(0, fields[1].integer ?? 0), ListedTask.latest))
        return Reply(
            place: place, standing: fields[2].string.flatMap { TaskStanding(rawValue: $0) } ?? .active,
            deletedAt: fields[4].integer)
    }

    /// A key of another type is no task.
    package func reply(to error: RedisReplyError) -> Reply? { error.code == "WRONGTYPE" ? .gone : nil }
}
