package import Events
package import RESP

/// Looks through the keys of one server for tasks, a portion at a time (SCAN).
package struct TaskScan: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the tasks of a server" }
    private let start: String

    /// A portion of the keys.
    package struct Reply: Sendable, Equatable {
        /// Where the next portion begins; nil after the last one.
        package let next: String?
        /// The tasks in the portion. Redis may name a task again in another portion.
        package let tasks: [Identifier]
    }

    /// The tasks end their keys so.
    private static let end = "}:m"

    /// The portion at `cursor`, nil for the first, of about `count` keys.
    package init(at cursor: String?, count: Int, naming: Naming) {
        start = naming.keyPrefix + ":{" + naming.channel("task:")
        let pattern = start + "*" + Self.end
        command = RedisCommand(
            "SCAN", .string(cursor ?? "0"), "MATCH", .string(pattern), "COUNT", .integer(Int64(count)))
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let parts = value.array, parts.count == 2, let next = parts[0].string, let keys = parts[1].array
        else { return nil }
        return Reply(next: next == "0" ? nil : next, tasks: keys.compactMap { $0.string.flatMap(task) })
    }

    private func task(_ key: String) -> Identifier? {
        guard key.hasPrefix(start), key.hasSuffix(Self.end) else { return nil }
        return Identifier(String(key.dropFirst(start.count).dropLast(Self.end.count)))
    }
}
