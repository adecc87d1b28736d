public import EventLoop

/// The command connection of a loop: pipelines by itself, reconnects for ever, never blocks.
///
/// - Everything sent in one turn of the loop leaves in one write, at the end of the turn. Replies complete in the order of the
///   calls, also when a script had to be sent twice (NOSCRIPT).
/// - While it is not ready, calls fail at once with ``RedisError/notReady``: nothing waits for a Redis that may be gone for
///   hours. When it is lost, all that waits fails with ``RedisError/lost(_:)``: such a command may have run.
/// - A command without a reply for 4 s ends the connection; the order of replies would be lost otherwise.
/// - Completions are called on the loop, never inside the call that asked for them.. except failures known at once? No: see `send`.
public final class RedisConnection {
    /// Called on every change; set before ``start()``.
    public var onEvent: ((RedisEvent) -> Void)?
    /// Called whenever commands are taken (again).
    public var onReady: (() -> Void)?
    /// Called when they no longer are, after all pending commands have failed.
    public var onLost: ((RedisFailure) -> Void)?

    /// Whether commands are taken.
    public var isReady: Bool { fatalError() }
    /// The Redis at the other end, since the last time it was ready.
    public var server: RedisServer? { fatalError() }
    /// `run_id` of ``server``.
    public var runID: String? { server?.runID }
    /// Commands waiting for replies.
    public var pendingCount: Int { fatalError() }

    /// A connection that is not started yet. `name` is what CLIENT LIST shows.
    public init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, scripts: [RedisScript] = [], timing: RedisTiming = RedisTiming(),
        random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) { fatalError() }

    /// Begins to connect, and goes on for ever.
    public func start() { fatalError() }
    /// Ends for good; what waits fails with ``RedisError/closed``.
    public func close() { fatalError() }

    /// Sends `command`. An error reply is a `.failure(.reply)`.
    public func send(_ command: RedisCommand, _ completion: @escaping (Result<RedisValue, RedisError>) -> Void) { fatalError() }
    /// Calls `script`, which must be one of those given to `init`.
    public func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]] = [],
        _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) { fatalError() }

    /// Waits for the outcome of the first attempt to connect: returns when ready, throws why not. The connection goes on trying
    /// in either case. For command lines, and for checking a Redis at start.
    public func connected(isolation: isolated (any Actor)? = #isolation) async throws(RedisFailure) { fatalError() }
    /// Sends `command` and waits for its reply.
    @discardableResult
    public func send(_ command: RedisCommand, isolation: isolated (any Actor)? = #isolation) async throws(RedisError) -> RedisValue { fatalError() }
    /// Calls `script` and waits for its reply.
    @discardableResult
    public func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]] = [], isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue { fatalError() }
}

@available(*, unavailable)
extension RedisConnection: Sendable {}
