package import Events
import Hub
package import RESP
import Redis

/// What is stored of a channel, for one who asks.
extension Subscriptions {
    /// Reads a channel's position, state, and what it has after `since`, at most `bytes` of that.
    package func read(
        _ name: ChannelName, since: Position?, bytes: Int,
        _ completion: @escaping (Result<ChannelAnswer, RedisError>) -> Void
    ) {
        store.read(name, since: since, bytes: bytes, completion)
    }

    /// The same, for one who waits for the answer.
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

    /// The whole of what is stored of a task.
    package func taskState(in answer: ChannelAnswer, of name: ChannelName) -> TaskState {
        ChannelState(name: name, stored: answer, using: resources).taskState(at: answer.top)
    }
}
