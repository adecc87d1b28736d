import Access
import Events
import HTTP
import Store

/// What a request for the list of tasks asks for: `?status&owner&limit&cursor`.
struct TaskListQuery {
    /// Tasks in one page, by default and at most: a task's state may be 64 KiB.
    static let defaultPage = 50
    static let maxPage = 200

    let filter: TaskFilter
    /// Whose tasks; nil for everybody's.
    let owner: Identifier?
    /// The most tasks of the answer.
    let limit: Int
    /// The last task of the page before; nil for the first page.
    let last: ListedTask?

    /// Reads a query of `caller`. Throws 400 for a value that is none, 403 for tasks that the caller may not list.
    init(_ query: Query, of caller: Caller) throws(Refusal) {
        guard let filter = TaskFilter(query["status"]) else {
            throw Refusal(
                400, .badRequest, "status must be active or a status, of 1 to \(TaskFilter.maxCharacters) characters")
        }
        self.filter = filter
        owner = try Self.owner(query["owner"], of: caller)
        limit = try Self.limit(query["limit"])
        last = try Self.place(query["cursor"])
    }

    /// The set that has all tasks of the answer, and as few others as possible.
    func set(of keys: TaskListKeys) -> String {
        owner.map { keys.tasks(of: $0) } ?? filter.standing.map { keys.tasks($0) } ?? keys.all
    }

    /// Whether the set has mostly tasks of the answer.
    var isExact: Bool { filter.isExact && (owner == nil || filter.standing == nil) }

    /// Callers list all tasks, or only their own.
    private static func owner(_ text: String?, of caller: Caller) throws(Refusal) -> Identifier? {
        let owner = text.flatMap { Identifier($0) }
        guard text == nil || owner != nil else {
            throw Refusal(400, .badRequest, "owner must be a user's id: \(Identifier.rule)")
        }
        if caller.mayListAll { return owner }
        guard let user = caller.user.flatMap({ Identifier($0) }) else {
            throw Refusal(403, .forbidden, "the token lacks the scope tasks:*, and its user's id owns no task")
        }
        guard owner == nil || owner == user else {
            throw Refusal(403, .forbidden, "the token lacks the scope tasks:*, and lists its own user's tasks only")
        }
        return user
    }

    private static func limit(_ text: String?) throws(Refusal) -> Int {
        guard let text else { return defaultPage }
        guard let limit = Int(text), (1...maxPage).contains(limit) else {
            throw Refusal(400, .badRequest, "limit must be a number from 1 to \(maxPage)")
        }
        return limit
    }

    private static func place(_ text: String?) throws(Refusal) -> ListedTask? {
        guard let text, !text.isEmpty else { return nil }
        guard let place = ListedTask(cursor: text) else {
            throw Refusal(400, .badRequest, "the cursor is not a next_cursor of an earlier answer")
        }
        return place
    }
}
