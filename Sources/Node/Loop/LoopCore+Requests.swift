import Events
import RESP
import Redis
import Tasks

/// How the loop answers requests.
extension LoopCore {
    /// The table of REST, and who asks it.
    func makeDispatcher() -> RequestDispatcher {
        let configuration = shared.configuration
        let reader = LoopTaskReader(
            subscriptions: subscriptions, events: events, bus: bus, naming: configuration.naming)
        let table = RouteTable.all(
            bus: bus, reader: reader, node: shared, configuration: configuration, limits: limits
        ) { WallClock.now }
        return RequestDispatcher(table, authenticator: shared.authenticator, node: shared) { WallClock.now }
    }
}

/// Reads tasks through what the loop has for its viewers.
private struct LoopTaskReader: TaskReader {
    let subscriptions: Subscriptions
    let events: EventPath
    let bus: any Bus
    let naming: Naming

    nonisolated(nonsending) func read(
        _ channel: ChannelName, since: Position?, bytes: Int
    ) async throws(RedisError) -> ChannelAnswer {
        try await withCheckedContinuation { waiter in
            subscriptions.read(channel, since: since, bytes: bytes) { waiter.resume(returning: $0) }
        }.get()
    }

    func state(in answer: ChannelAnswer, of channel: ChannelName) -> TaskState {
        events.taskState(in: answer, of: channel)
    }

    nonisolated(nonsending) func viewers(of task: Identifier) async throws(RedisError) -> Int64 {
        let key = naming.viewersKey(of: .task(task))
        let counts = try await bus.send(RedisCommand("HVALS", .string(key))).array ?? []
        return max(0, counts.compactMap(\.integer).clampedSum)
    }
}
