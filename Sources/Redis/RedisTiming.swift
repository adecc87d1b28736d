import RESP

/// How long a connection waits for what. The defaults are the measured ones; tests shorten them.
public struct RedisTiming: Sendable {
    /// Until a TCP or unix connection stands.
    public var connectMilliseconds: UInt64 = 2_000
    /// Until a command has its reply; a connection that is late is given up, with all that waits on it.
    public var commandMilliseconds: UInt64 = 4_000
    /// Silence on a command connection after which it is asked for a PONG.
    public var idlePingMilliseconds: UInt64 = 1_000
    /// Between two PINGs on a pub/sub connection.
    public var subscriberPingMilliseconds: UInt64 = 5_000
    /// Until a PING on a pub/sub connection is answered.
    public var pongMilliseconds: UInt64 = 2_000
    /// How often deadlines are looked at. They are counted in these ticks, see ``Patience``.
    public var tickMilliseconds: UInt64 = 250
    /// The bounds of ``Backoff``.
    public var minBackoffMilliseconds: UInt64 = 50
    /// The longest wait of ``Backoff``.
    public var maxBackoffMilliseconds: UInt64 = 5_000
    /// The longest wait while Redis loads its dump or has lost its master: it said it will be there soon.
    public var unavailableRetryMilliseconds: UInt64 = 500
    /// Between attempts that only an operator can make succeed.
    public var refusedRetryMilliseconds: UInt64 = 10_000

    /// The defaults.
    public init() {}
}
