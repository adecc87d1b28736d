/// What is kept of a task in Redis, and for how long.
public struct HistoryLimits: Equatable, Sendable {
    /// Envelopes kept per task, `--history`. 64 is a few seconds of a lively task: enough for a reconnect.
    public var entries: Int
    /// Bytes of envelopes kept per task, `--history-bytes`; also what one replay may weigh. 256 KiB: above it a state
    /// says more in less time.
    public var bytes: Int
    /// Seconds after its last event that a task is forgotten, `--task-ttl`. Seven days: a weekend and a holiday.
    public var timeToLive: Int

    /// Limits with the defaults of the settings.
    public init(entries: Int = 64, bytes: Int = 256 * 1024, timeToLive: Int = 7 * 24 * 3600) {
        self.entries = entries
        self.bytes = bytes
        self.timeToLive = timeToLive
    }
}
