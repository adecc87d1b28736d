import Access
import Events
import RESP
import Redis
import Store

/// Reads pages of the list of tasks, and how each task stands now.
struct TaskLister {
    /// The most listed tasks that one request looks at, for those that it wants: with few of them it gets a short page and
    /// the place to go on from, rather than the time of Redis.
    private static let mostLookedAt = 1_000

    let reader: any TaskReader
    let bus: any Bus
    let naming: Naming
    let watch: WatchRule

    /// A part of the list.
    struct Page {
        var tasks: [TaskState] = []
        /// The last task that was looked at, where there are more.
        var last: ListedTask?
    }

    /// The page that `query` asks for: what `caller` may watch of it.
    nonisolated(nonsending) func page(_ query: TaskListQuery, for caller: Caller) async throws(Refusal) -> Page {
        var page = Page()
        var place = query.last
        var lookedAt = 0
        repeat {
            // One more than a page holds, which tells whether there is a next one.
            let count = query.limit + 1
            let set = query.set(of: TaskListKeys(naming))
            let found = try await bus.ask(TaskPageScript(of: set, after: place, count: count))
            lookedAt += found.count
            for (listed, state) in zip(found, try await states(of: found)) {
                guard page.tasks.count < query.limit else {
                    page.last = place
                    return page
                }
                place = listed
                if let state, isWanted(state, listed, query, caller) { page.tasks.append(state) }
            }
            guard found.count == count else { return page }
        } while page.tasks.count < query.limit && lookedAt < Self.mostLookedAt
        page.last = place
        return page
    }

    private func isWanted(_ state: TaskState, _ listed: ListedTask, _ query: TaskListQuery, _ caller: Caller) -> Bool {
        // A task whose owner has changed may be listed twice for a moment.
        guard state.owner == listed.owner?.text, query.filter.admits(state.knowledge) else { return false }
        return caller.mayWatch(state.channel, owner: state.owner, rule: watch)
    }

    /// How tasks stand, with their viewers; nil for one that Redis has deleted since.
    nonisolated(nonsending) private func states(of listed: [ListedTask]) async throws(Refusal) -> [TaskState?] {
        guard !listed.isEmpty else { return [] }
        let channels = listed.map { ChannelName.task($0.id) }
        let answers: [ChannelAnswer]
        do { answers = try await reader.read(all: channels) } catch { throw Refusal(error) }
        let viewers = try await TaskViewers(bus: bus, naming: naming).counts(of: channels)
        return zip(channels, zip(answers, viewers)).map { channel, found in
            guard found.0.top != nil else { return nil }
            var state = reader.taskState(in: found.0, of: channel)
            state.viewers = found.1
            return state
        }
    }
}
