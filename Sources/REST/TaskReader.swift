package import Events
package import RESP

/// Reads what Redis keeps of tasks.
package protocol TaskReader {
    /// Reads a channel's position, state, and what it has after `since`, at most `bytes` of that.
    nonisolated(nonsending) func read(
        _ channel: ChannelName, since: Position?, bytes: Int
    ) async throws(RedisError) -> ChannelAnswer
    /// The whole of what is stored of a task.
    func taskState(in answer: ChannelAnswer, of channel: ChannelName) -> TaskState
}
