import RESP

/// The deadlines of a connection. The defaults were measured; tests shorten them.
public struct RedisTiming: Sendable {
    /// For a TCP or unix connection.
    public var connectMilliseconds: UInt64 = 2_000
    /// For the reply to a command; a late reply ends the connection, and all pending commands fail.
    public var commandMilliseconds: UInt64 = 4_000
    /// Silence on a command connection before it sends a PING.
    public var idlePingMilliseconds: UInt64 = 1_000
    /// Between two PINGs on a pub/sub connection.
    public var subscriberPingMilliseconds: UInt64 = 5_000
    /// For the answer to a PING on a pub/sub connection.
    public var pongMilliseconds: UInt64 = 2_000
    /// Between two checks of the deadlines, which count these ticks: see ``Patience``.
    public var tickMilliseconds: UInt64 = 250
    /// The bounds of ``Backoff``.
    public var minBackoffMilliseconds: UInt64 = 50
    /// The longest wait of ``Backoff``.
    public var maxBackoffMilliseconds: UInt64 = 5_000
    /// The longest wait while Redis loads its dump or has lost its master: Redis will be ready soon.
    public var unavailableRetryMilliseconds: UInt64 = 500
    /// Between attempts that fail until an operator helps.
    public var refusedRetryMilliseconds: UInt64 = 10_000

    /// The times of a node; tests take shorter ones.
    public init() {}
}
