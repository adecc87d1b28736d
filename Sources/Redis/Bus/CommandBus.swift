public import RESP

/// The half of a bus that sends: scripts and commands, to the Redis that has their keys. Confined to its loop.
///
/// A command fails at once while its Redis is away. Completions of commands with the same key run in the order of the
/// calls.
public protocol CommandBus: AnyObject {
    /// The result of a command. An error reply is a `.failure(.reply)`; errors inside an array stay values.
    typealias Completion = (Result<RedisValue, RedisError>) -> Void

    /// Called for every event of a connection, on the loop. Set before ``start()``.
    var onEvent: ((RedisEvent, RedisRole) -> Void)? { get set }
    /// Called for each reply, with the microseconds since its command. Set before ``start()``.
    var onReply: ((UInt64) -> Void)? { get set }

    /// Starts to connect, and retries for ever. Once, on the loop.
    func start()
    /// Closes all connections for good; pending commands fail with ``RESP/RedisError/closed``. Once or often.
    func close()

    /// Calls `completion` with the outcome of the current attempt to connect, at once where the bus is ready. The bus
    /// retries in either case.
    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void)
    /// Whether the bus takes commands.
    var isReady: Bool { get }
    /// Why the bus takes no commands.
    var whyNotReady: RedisError { get }
    /// The keys that are out of reach though the bus takes commands. None where there is one Redis.
    var absentShards: [AbsentShard] { get }
    /// Whether keys are spread over several servers, by their hash slots. Known once the bus is ready.
    var isSpread: Bool { get }
    /// The number of commands that wait for replies.
    var pendingCount: Int { get }
    /// The run id of the Redis that writes `key`: a new one means a restart, or that another Redis has taken over. Nil
    /// where the bus has never reached that Redis.
    func runID(for key: String) -> String?
    /// A connection to each Redis that takes writes, for commands to every Redis (INFO, FUNCTION LOAD): one connection
    /// where there is one Redis. Commands with a key go through ``send(_:_:)``.
    var masters: [any CommandBus] { get }
    /// Masters of a cluster that have no slots, and may be taking over their first one: workers reach them, behind ASK.
    var newcomers: [any CommandBus] { get }
    /// Of one of ``masters`` or ``newcomers``: its run id and those of all others, also while their connections are lost.
    /// What they wrote last in a slot that it takes over is all there. None where there is no connection to one Redis.
    var runIDs: [String] { get }
    /// The address of the Redis at the other end; nil before the first connection, and for a bus of several servers.
    var address: RedisEndpoint.Address? { get }

    /// Calls `script`, one of the bus's, on the Redis of its keys; without keys, on any Redis that takes writes.
    func run(_ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion)
    /// Sends `command` to the Redis that has its key; without a key, to any Redis that takes writes.
    func send(_ command: RedisCommand, _ completion: @escaping Completion)
    /// Publishes a message to all subscribers of `channel`.
    func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion)
}

/// The use of a connection to Redis.
public enum RedisRole: Sendable, Hashable {
    /// Commands and their replies.
    case commands
    /// Subscriptions and their messages.
    case pubsub
    /// The connection to one of several servers. ``commands`` then stands for all of them together.
    case part(RedisPart)

    /// Whether the connection takes commands of the bus.
    public var takesCommands: Bool {
        switch self {
        case .commands: true
        case .pubsub: false
        case .part(let part): part.takesCommands
        }
    }
}

extension CommandBus {
    /// None: there is one Redis.
    public var absentShards: [AbsentShard] { [] }
    /// None: the bus may have several servers.
    public var runIDs: [String] { [] }
    /// None: the bus may have several servers.
    public var address: RedisEndpoint.Address? { nil }

    /// Calls `script` without arguments.
    public func run(_ script: RedisScript, keys: [String], _ completion: @escaping Completion) {
        run(script, keys: keys, arguments: [], completion)
    }

    /// Waits for the current attempt to connect: returns when the bus is ready, throws when the attempt fails. The bus
    /// retries in either case. For command lines, and for a check at start.
    public func connected(isolation: isolated (any Actor)? = #isolation) async throws(RedisFailure) {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            whenConnected { waiter.resume(returning: $0) }
        }.get()
    }

    /// Sends `command` and waits for its reply, at most until the command's deadline, even when cancelled.
    @discardableResult
    public func send(
        _ command: RedisCommand, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            send(command) { waiter.resume(returning: $0) }
        }.get()
    }

    /// Calls `script` and waits for its reply, at most until the command's deadline, even when cancelled.
    @discardableResult
    public func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]] = [], isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            run(script, keys: keys, arguments: arguments) { waiter.resume(returning: $0) }
        }.get()
    }

    /// Publishes a message and waits for the reply, at most until the command's deadline, even when cancelled.
    @discardableResult
    public func publish(
        _ message: [UInt8], to channel: String, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            publish(message, to: channel) { waiter.resume(returning: $0) }
        }.get()
    }
}
