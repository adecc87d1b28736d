import Events
import RESP
import Tasks

/// Reads what Redis keeps of tasks.
protocol TaskReader {
    /// Reads a channel's position, state, and what it has after `since`, at most `bytes` of that.
    nonisolated(nonsending) func read(
        _ channel: ChannelName, since: Position?, bytes: Int
    ) async throws(RedisError) -> ChannelAnswer
    /// The whole of what is stored of a task.
    func state(in answer: ChannelAnswer, of channel: ChannelName) -> TaskState
    /// How many watch the task, on all nodes.
    nonisolated(nonsending) func viewers(of task: Identifier) async throws(RedisError) -> Int64
}
