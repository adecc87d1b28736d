import Redis
import Store

/// Asks the buckets of presence that have the answer, each on its own or all of them.
struct PresenceReader {
    let bus: any Bus
    let naming: Naming

    /// The buckets of the Redis that the bus has.
    var buckets: PresenceBuckets { PresenceBuckets(naming, areSpread: bus.isSpread) }

    /// The number of users online.
    nonisolated(nonsending) func onlineCount() async throws(Refusal) -> Int64 {
        try await bus.ask(all: buckets.all.map { OnlineCount(keys: $0) }).onlineSum
    }

    /// At most `count` users after `user`, in the order of their ids' bytes.
    nonisolated(nonsending) func users(after user: String?, count: Int) async throws(Refusal) -> ListUsersScript.Page {
        let pages = try await bus.ask(all: buckets.all.map { ListUsersScript(after: user, count: count, keys: $0) })
        return ListUsersScript.Page(of: pages, count: count)
    }

    /// Sends every loop a message, by the leases in the user's bucket; the user's connections.
    nonisolated(nonsending) func disconnect(_ user: String, message: String) async throws(Refusal) -> Int64 {
        try await bus.ask(DisconnectScript(user, message: message, keys: buckets.keys(of: user)))
    }

    /// The loops that have a lease, and what each stored about itself.
    nonisolated(nonsending) func loops() async throws(Refusal) -> (ListLoopsScript.Loops, [DescribeLoopsScript.Loop?]) {
        let keys = buckets.home
        let found = try await bus.ask(ListLoopsScript(keys: keys))
        return (found, try await bus.ask(DescribeLoopsScript(found.loops.map(\.incarnation), keys: keys)))
    }

    /// Whether a user is online.
    nonisolated(nonsending) func status(of user: String) async throws(Refusal) -> UserStatusScript.Status {
        try await bus.ask(UserStatusScript(of: user, keys: buckets.keys(of: user)))
    }
}
