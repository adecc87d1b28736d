package import Events
package import RESP

/// Reads what Redis keeps of tasks.
package protocol TaskReader {
    /// Reads a channel's position, its state, and at most `bytes` of the events after `since`.
    nonisolated(nonsending) func read(
        _ channel: ChannelName, since: Position?, bytes: Int
    ) async throws(RedisError) -> ChannelAnswer
    /// Reads the position and the state of each channel.
    nonisolated(nonsending) func read(all channels: [ChannelName]) async throws(RedisError) -> [ChannelAnswer]
    /// Everything that Redis stores of a task.
    func taskState(in answer: ChannelAnswer, of channel: ChannelName) -> TaskState
}
