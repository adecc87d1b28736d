/// What Redis keeps of a task, and for how long.
public struct HistoryLimits: Equatable, Sendable {
    /// Envelopes kept per task, `--history`. 64 is a few seconds of a lively task: enough for a reconnect.
    public var entries: Int
    /// Bytes of envelopes kept per task, `--history-bytes`; also the bound of one replay. 256 KiB: beyond that a state
    /// tells more in less time.
    public var bytes: Int
    /// Seconds after a task's last event for which Redis keeps it at least, `--task-ttl`; at most a sixteenth more, so
    /// that most events need not set the time again. Seven days: a weekend and a holiday.
    public var timeToLive: Int

    /// Limits with the settings' defaults.
    public init(entries: Int = 64, bytes: Int = 256 * 1024, timeToLive: Int = 7 * 24 * 3600) {
        self.entries = entries
        self.bytes = bytes
        self.timeToLive = timeToLive
    }
}
