/// The bounds of presence, with their reasons.
public struct PresenceLimits: Equatable, Sendable {
    /// Milliseconds between two heartbeats of a loop.
    public var heartbeatMilliseconds: Int
    /// Milliseconds after its last heartbeat that a loop is taken for dead.
    public var leaseMilliseconds: Int
    /// Milliseconds that a user may be away before it is announced: a page reload is no change.
    public var graceMilliseconds: Int
    /// Announcements are made while at most so many are online, since their cost grows with the square.
    public var broadcastUpTo: Int

    /// Users in one call that writes or takes out counts: about a millisecond of Redis' time.
    public static let chunk = 100
    /// Milliseconds between two looks at who is to be announced and which loops are late.
    public static let tickMilliseconds = 500
    /// Seconds that a task's viewers are kept without being asserted again.
    public static let viewersSeconds = 3600

    /// Limits with the defaults of the settings.
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
