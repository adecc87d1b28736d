import Events
import Following
import RESP
import Redis

/// How the loop answers requests.
extension LoopCore {
    /// The table of REST, and who asks it.
    func makeDispatcher() -> RequestDispatcher {
        let configuration = shared.configuration
        let table = RouteTable.all(
            bus: bus, reader: LoopTaskReader(subscriptions: subscriptions), node: shared,
            configuration: configuration, limits: limits, now: { WallClock.now },
            closing: { ControlMessage.close(user: $0).text })
        return RequestDispatcher(table, authenticator: shared.authenticator, node: shared) { WallClock.now }
    }
}

/// Reads tasks through what the loop has for its viewers.
private struct LoopTaskReader: TaskReader {
    let subscriptions: Subscriptions

    nonisolated(nonsending) func read(
        _ channel: ChannelName, since: Position?, bytes: Int
    ) async throws(RedisError) -> ChannelAnswer {
        try await withCheckedContinuation { waiter in
            subscriptions.read(channel, since: since, bytes: bytes) { waiter.resume(returning: $0) }
        }.get()
    }

    func state(in answer: ChannelAnswer, of channel: ChannelName) -> TaskState {
        subscriptions.taskState(in: answer, of: channel)
    }
}
