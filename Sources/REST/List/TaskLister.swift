import Access
import Events
import RESP
import Redis
import Store

/// Reads pages of the list of tasks, and how each task stands now.
struct TaskLister {
    /// The listed tasks that are looked at together.
    private static let batch = 200
    /// The most listed tasks that one request looks at, for those that it wants: with few of them it gets a short page and
    /// the place to go on from, rather than the time of Redis.
    private static let mostLookedAt = 1_000

    let reader: any TaskReader
    let bus: any Bus
    let naming: Naming
    let watch: WatchRule

    /// A part of the list.
    struct Page {
        let tasks: [TaskState]
        /// The last task that was looked at, where there may be more.
        let last: ListedTask?
    }

    /// The page that `query` asks for: what `caller` may watch of it.
    nonisolated(nonsending) func page(_ query: TaskListQuery, for caller: Caller) async throws(Refusal) -> Page {
        let (wanted, last) = try await wanted(query, for: caller)
        return Page(tasks: try await states(of: wanted), last: last)
    }

    /// The tasks of a page, and the place to go on from.
    nonisolated(nonsending) private func wanted(
        _ query: TaskListQuery, for caller: Caller
    ) async throws(Refusal) -> (tasks: [Identifier], last: ListedTask?) {
        let set = query.set(of: TaskListKeys(naming))
        var (tasks, place, lookedAt): ([Identifier], ListedTask?, Int) = ([], query.last, 0)
        while lookedAt < Self.mostLookedAt {
            // One more than a page holds tells whether there is a next one.
            let count = query.isExact ? min(query.limit + 1, Self.batch) : Self.batch
            let page = try await bus.ask(TaskPageScript(of: set, after: place, count: count))
            let outlines = try await bus.ask(all: page.tasks.map { TaskOutline(of: $0.id, naming: naming) })
            for (listed, outline) in zip(page.tasks, outlines) {
                guard tasks.count < query.limit else { return (tasks, place) }
                place = listed
                if isWanted(listed, outline, query, caller) { tasks.append(listed.id) }
            }
            guard page.isFull else { return (tasks, nil) }
            lookedAt += count
        }
        return (tasks, place)
    }

    private func isWanted(
        _ listed: ListedTask, _ outline: TaskOutline.Reply, _ query: TaskListQuery, _ caller: Caller
    ) -> Bool {
        // A task whose owner has changed may be listed twice for a moment; one that just got its owner is listed without.
        guard outline.exists, listed.owner == nil || listed.owner?.text == outline.owner,
            query.filter.admits(status: outline.status, hasEnded: outline.hasEnded)
        else { return false }
        return caller.mayWatch(.task(listed.id), owner: outline.owner, rule: watch)
    }

    /// How tasks stand, with their viewers; without those that Redis has deleted meanwhile.
    nonisolated(nonsending) private func states(of tasks: [Identifier]) async throws(Refusal) -> [TaskState] {
        guard !tasks.isEmpty else { return [] }
        let channels = tasks.map { ChannelName.task($0) }
        let answers: [ChannelAnswer]
        do { answers = try await reader.read(all: channels) } catch { throw Refusal(error) }
        let viewers = try await TaskViewers(bus: bus, naming: naming).counts(of: channels)
        return zip(channels, zip(answers, viewers)).compactMap { channel, found in
            guard found.0.top != nil else { return nil }
            var state = reader.taskState(in: found.0, of: channel)
            state.viewers = found.1
            return state
        }
    }
}
