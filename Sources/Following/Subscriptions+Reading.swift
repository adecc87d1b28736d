package import Events
import Hub
package import RESP
import Redis

/// Reads what Redis stores of a channel.
extension Subscriptions {
    /// Reads a channel's position, its state, and at most `bytes` of the events after `since`.
    package func read(
        _ name: ChannelName, since: Position?, bytes: Int,
        _ completion: @escaping (Result<ChannelAnswer, RedisError>) -> Void
    ) {
        store.read(name, since: since, bytes: bytes, completion)
    }

    /// The same, for an async caller.
    package nonisolated(nonsending) func read(
        _ name: ChannelName, since: Position?, bytes: Int
    ) async throws(RedisError) -> ChannelAnswer {
        try await withCheckedContinuation { waiter in
            read(name, since: since, bytes: bytes) { waiter.resume(returning: $0) }
        }.get()
    }

    /// A task's stored state; nil where there is none.
    func state(in answer: ChannelAnswer, of name: ChannelName) -> Delivery? {
        ChannelState(name: name, stored: answer, using: resources).snapshot
    }

    /// Everything that Redis stores of a task.
    package func taskState(in answer: ChannelAnswer, of name: ChannelName) -> TaskState {
        ChannelState(name: name, stored: answer, using: resources).taskState(at: answer.top)
    }
}
