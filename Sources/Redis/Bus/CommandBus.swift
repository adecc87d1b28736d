public import RESP

/// The half of a bus that asks Redis: scripts and commands, wherever their keys are kept. Confined to its loop.
///
/// Nothing waits for a Redis that is away: a command then fails at once. Completions of commands with the same key are called
/// in the order of the calls.
public protocol CommandBus: AnyObject {
    /// What becomes of a command. An error reply is a `.failure(.reply)`; errors inside an array stay values.
    typealias Completion = (Result<RedisValue, RedisError>) -> Void

    /// Called for everything that happens to a connection, on the loop. Set before ``start()``.
    var onEvent: ((RedisEvent, RedisRole) -> Void)? { get set }
    /// Called with the microseconds between a command and its reply, for each. Set before ``start()``.
    var onReply: ((UInt64) -> Void)? { get set }

    /// Begins to connect, and goes on for ever. Once, on the loop.
    func start()
    /// Ends for good; what waits fails with ``RESP/RedisError/closed``. Once or often.
    func close()

    /// Calls `completion` with the outcome of the attempt to connect that is under way, at once where commands are taken. The
    /// bus goes on trying in either case.
    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void)
    /// Whether commands are taken.
    var isReady: Bool { get }
    /// Why they are not.
    var whyNotReady: RedisError { get }
    /// What is missing though commands are taken: masters of a cluster that cannot be asked, and slots that have none. Their keys
    /// alone are out of reach. None where there is one Redis.
    var absentShards: [String] { get }
    /// Commands that wait for their replies.
    var pendingCount: Int { get }
    /// The run id of the Redis that writes `key`: another one means that it was restarted, or that another has taken over. Nil
    /// where that Redis has never been reached.
    func runID(for key: String) -> String?
    /// A connection to each Redis that takes writes, for what is said to every one of them (INFO, FUNCTION LOAD): one where
    /// there is one Redis. What has a key goes through ``send(_:_:)``.
    var masters: [any CommandBus] { get }

    /// Calls `script`, one of those given at the start, where its keys are kept; one without keys on any Redis that takes writes.
    func run(_ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion)
    /// Sends `command` to where its key is kept; one without a key to any Redis that takes writes.
    func send(_ command: RedisCommand, _ completion: @escaping Completion)
    /// Publishes a message to whoever is subscribed to `channel`.
    func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion)
}

/// What a connection to Redis is for.
public enum RedisRole: Sendable, Hashable {
    /// Commands and their replies.
    case commands
    /// Subscriptions and what is heard.
    case pubsub
    /// Questions to the Sentinel at this address.
    case sentinel(RedisEndpoint.Address)
}

extension CommandBus {
    /// None: there is one Redis.
    public var absentShards: [String] { [] }

    /// Calls `script` without arguments.
    public func run(_ script: RedisScript, keys: [String], _ completion: @escaping Completion) {
        run(script, keys: keys, arguments: [], completion)
    }

    /// Waits for the outcome of the attempt to connect that is under way: returns when commands are taken, throws why not. The
    /// bus goes on trying in either case. For command lines, and for a check at start.
    public func connected(isolation: isolated (any Actor)? = #isolation) async throws(RedisFailure) {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            whenConnected { waiter.resume(returning: $0) }
        }.get()
    }

    /// Sends `command` and waits for its reply, at most the command's deadline, cancelled or not.
    @discardableResult
    public func send(
        _ command: RedisCommand, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            send(command) { waiter.resume(returning: $0) }
        }.get()
    }

    /// Calls `script` and waits for its reply, at most the command's deadline, cancelled or not.
    @discardableResult
    public func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]] = [], isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            run(script, keys: keys, arguments: arguments) { waiter.resume(returning: $0) }
        }.get()
    }

    /// Publishes a message and waits for the reply, at most the command's deadline, cancelled or not.
    @discardableResult
    public func publish(
        _ message: [UInt8], to channel: String, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            publish(message, to: channel) { waiter.resume(returning: $0) }
        }.get()
    }
}
