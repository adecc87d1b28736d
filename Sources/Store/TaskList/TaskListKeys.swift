package import Events

/// The keys of the list of tasks, all in one hash slot: mostly sorted sets of tasks by the milliseconds at which they began.
package struct TaskListKeys: Sendable {
    private let base: String

    /// The keys under an operator's prefixes.
    package init(_ naming: Naming) { base = naming.keyPrefix + ":{" + naming.channel("tasks") + "}:" }

    /// Every task.
    package var all: String { base + "all" }
    /// The tasks that stand so.
    package func tasks(_ standing: TaskStanding) -> String { base + standing.rawValue }
    /// The tasks of an owner.
    package func tasks(of owner: Identifier) -> String { base + "owner:" + owner.text }
    /// When to look at each task again, since Redis may have deleted it: by Redis' milliseconds.
    package var due: DueSet { DueSet(key: base + "due") }
    /// Which loop keeps the list.
    package var keeper: String { base + "keeper" }

    /// The sets that a task of this owner may be in, in the order of ListTaskScript.
    func sets(of owner: Identifier?) -> [String] {
        [all] + TaskStanding.allCases.map(tasks) + [due.key] + (owner.map { [tasks(of: $0)] } ?? [])
    }
}

/// How a task stands, for the list.
package enum TaskStanding: String, Sendable, CaseIterable {
    /// It has not ended.
    case active
    case completed, failed
}
