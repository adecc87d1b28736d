package import RESP

/// Puts a task into the list of tasks, as it stands now.
package struct ListTaskScript: ScriptRequest {
    package static let script = RedisScript("list-task", file: "ListTaskScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `loop` has the lease. The task stands at `place`; `facts` are what Redis says of it.
    package init(_ place: ListedTask, _ facts: TaskFacts.Reply, by loop: String, keys: TaskListKeys) {
        self.keys = [keys.keeper] + keys.sets(of: place.owner)
        arguments = [[UInt8]](words: [
            loop, ListedTask.unownedMember(of: place.id), place.member, "\(place.startedAt)", facts.standing.rawValue,
            facts.deletedAt.map { "\($0)" } ?? "",
        ])
    }

    /// Whether the loop still keeps the list.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
