/// The names under which presence lives in Redis. All begin with one base, `ft:{online}:`, and so share a hash slot; the
/// scripts are given the base and know the rest:
///
/// | key | type | content |
/// | --- | --- | --- |
/// | `nodes` | sorted set | incarnation -> last heartbeat, Redis ms |
/// | `dead` | sorted set | incarnations that are being taken out |
/// | `i:<incarnation>` | hash | node id, loop, version, start |
/// | `n:<incarnation>` | hash | user -> connections on that loop: what is taken out when it dies |
/// | `nc` | hash | incarnation -> connections; `*`: all |
/// | `u` | hash | user -> connections in the whole cluster; its length is the online count |
/// | `x` | sorted set | online users, all of score 0: the order of pages |
/// | `s` | hash | online user -> what the user said to be, where not simply online |
/// | `w` | sorted set | users without a connection whose going is not announced yet -> when it is due |
/// | `off` | sorted set | offline users -> when last seen; the newest 100,000 |
/// | `r:<incarnation>` | set | task keys that may hold viewers of that loop |
/// | `meta` | hash | `hb` last heartbeat of anybody, `grace` nobody is taken out before, `v` announcements so far |
///
/// A task's viewers are in a hash beside the task's other keys: incarnation -> viewers.
public struct PresenceKeys: Equatable, Sendable {
    /// `ft:{online}:`
    public let base: String

    /// The names for both prefixes: who shares a Redis by either is counted apart.
    public init(keyPrefix: String, channelPrefix: String = "") { base = keyPrefix + ":{" + channelPrefix + "online}:" }

    /// Where a loop hears what is meant for it alone: requests to close a user's connections. That somebody listens there
    /// is also a sign of life.
    public func control(of incarnation: String) -> String { base + "node:" + incarnation }
}

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
    /// Users announced as gone in one tick.
    public static let announcedPerTick = 100
    /// Offline users whose last seen is remembered.
    public static let rememberedOffline = 100_000
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
