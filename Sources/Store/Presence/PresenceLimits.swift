/// The bounds of presence, with their reasons.
public struct PresenceLimits: Equatable, Sendable {
    /// Milliseconds between two heartbeats of a loop.
    public var heartbeatMilliseconds: Int
    /// Milliseconds after its last heartbeat until a loop counts as dead.
    public var leaseMilliseconds: Int
    /// Milliseconds that a user may be away before it is announced: a page reload is no change.
    public var graceMilliseconds: Int
    /// Changes are announced while at most so many users are online, since the cost grows with the square.
    public var broadcastUpTo: Int

    /// Users in one call that writes or removes counts: about a millisecond of Redis' time.
    public static let chunk = 100
    /// Milliseconds between two checks for due announcements and late loops.
    public static let tickMilliseconds = 500
    /// Seconds that a task's viewers are kept unless a loop writes them again.
    public static let viewersSeconds = 3600

    /// Limits with the settings' defaults.
    public init(
        heartbeatMilliseconds: Int = 2_000, leaseMilliseconds: Int = 6_000, graceMilliseconds: Int = 3_000,
        broadcastUpTo: Int = 2_000
    ) {
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.leaseMilliseconds = leaseMilliseconds
        self.graceMilliseconds = graceMilliseconds
        self.broadcastUpTo = broadcastUpTo
    }
}
