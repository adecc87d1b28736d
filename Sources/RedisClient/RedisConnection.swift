public import EventLoop

/// The command connection of a loop: pipelines by itself, reconnects for ever, never blocks.
///
/// - Everything sent in one turn of the loop leaves in one write, at the end of the turn. Replies complete in the order of the
///   calls, also when a script had to be sent twice (NOSCRIPT).
/// - While it is not ready, calls fail with ``RedisError/notReady``: nothing waits for a Redis that may be gone for
///   hours. When it is lost, all that waits fails with ``RedisError/lost(_:)``: such a command may have run.
/// - A command without a reply for 4 s ends the connection; the order of replies would be lost otherwise.
/// - Completions are called on the loop, never inside the call that asked for them.
public final class RedisConnection {
    /// Called on every change; set before ``start()``.
    public var onEvent: ((RedisEvent) -> Void)? {
        didSet { link.onEvent = onEvent }
    }
    /// Called whenever commands are taken (again).
    public var onReady: (() -> Void)?
    /// Called when they no longer are, after all pending commands have failed.
    public var onLost: ((RedisFailure) -> Void)?

    /// The Redis at the other end, since the last time it was ready.
    public private(set) var server: RedisServer?

    private var link: RedisLink!
    private let loop: EventLoop
    private var reader = ValueReader()
    private var pending = PendingCommands()
    private var digests: [String: String] = [:]
    private var lastHeard: UInt64 = 0
    private var attempts: [(Result<Void, RedisFailure>) -> Void] = []

    /// A connection that is not started yet. `name` is what CLIENT LIST shows.
    public init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, scripts: [RedisScript] = [],
        timing: RedisTiming = RedisTiming(), random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        self.loop = loop
        link = RedisLink(
            loop: loop, endpoint: endpoint, name: name, scripts: scripts, timing: timing, random: random, owner: self)
    }

    /// Whether commands are taken.
    public var isReady: Bool { link.isReady }
    /// `run_id` of ``server``.
    public var runID: String? { server?.runID }
    /// Commands waiting for replies.
    public var pendingCount: Int { pending.count }

    /// Begins to connect, and goes on for ever.
    public func start() { link.start() }

    /// Ends for good; what waits fails with ``RedisError/closed``.
    public func close() {
        link.close()
        failPending(.closed)
        finishAttempts(.failure(.ended("closed")))
    }

    // MARK: Commands

    /// Sends `command`. An error reply is a `.failure(.reply)`.
    public func send(_ command: RedisCommand, _ completion: @escaping (Result<RedisValue, RedisError>) -> Void) {
        guard admits(command.encoded.count, completion) else { return }
        link.append(command.encoded)
        pending.add(byteCount: command.encoded.count, deadline: deadline, completion)
    }

    /// Calls `script`, which must be one of those given to `init`.
    public func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]] = [],
        _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        let call = ScriptCall(script: script, keys: keys, arguments: arguments)
        let size = arguments.reduce(0) { $0 + $1.count }
        guard admits(size, completion) else { return }
        link.append { call.appendEVALSHA(digest(of: script), to: &$0) }
        pending.add(byteCount: size, deadline: deadline, call: call, completion)
    }

    private func digest(of script: RedisScript) -> String {
        guard let digest = digests[script.text] else {
            preconditionFailure("RedisConnection: the script \(script.name) was not given to init")
        }
        return digest
    }

    /// Whether a command of `bytes` may be sent now; where not, its completion is told, later.
    private func admits(_ bytes: Int, _ completion: @escaping (Result<RedisValue, RedisError>) -> Void) -> Bool {
        let error: RedisError? = !isReady ? .notReady : pending.isFull(adding: bytes) ? .overloaded : nil
        guard let error else { return true }
        loop.schedule(after: 0) { completion(.failure(error)) }
        return false
    }

    private var deadline: UInt64 { link.patience.now + link.timing.commandMilliseconds }

    private func failPending(_ error: RedisError) {
        for (completion, result) in pending.removeAll(failing: error) { completion(result) }
    }

    private func finishAttempts(_ result: Result<Void, RedisFailure>) {
        let waiting = attempts
        attempts = []
        for attempt in waiting { attempt(result) }
    }
}

// MARK: Async

extension RedisConnection {
    /// Waits for the outcome of the first attempt to connect: returns when ready, throws why not. The connection goes on trying
    /// in either case. For command lines, and for checking a Redis at start.
    public func connected(isolation: isolated (any Actor)? = #isolation) async throws(RedisFailure) {
        if isReady { return }
        let result = await withCheckedContinuation(isolation: isolation) { continuation in
            attempts.append { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    /// Sends `command` and waits for its reply.
    @discardableResult
    public func send(
        _ command: RedisCommand, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        let result = await withCheckedContinuation(isolation: isolation) { continuation in
            send(command) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Calls `script` and waits for its reply.
    @discardableResult
    public func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]] = [],
        isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> RedisValue {
        let result = await withCheckedContinuation(isolation: isolation) { continuation in
            run(script, keys: keys, arguments: arguments) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}

// MARK: The link

extension RedisConnection: RedisLinkOwner {
    func linkDidConnect(_ outcome: Handshake.Outcome) {
        server = outcome.server
        digests = outcome.digests
        reader = ValueReader()
        lastHeard = link.patience.now
        finishAttempts(.success(()))
        onReady?()
    }

    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        lastHeard = link.patience.now
        try reader.feed(bytes)
        while let reply = try reader.next() {
            switch try pending.receive(reply) {
            case .complete: break
            case .sendText(let call): link.append { call.appendEVAL(to: &$0) }
            case .sendDigest(let call): link.append { call.appendEVALSHA(digest(of: call.script), to: &$0) }
            }
            while let (completion, result) = pending.popFinished() { completion(result) }
        }
    }

    func linkDidFail(_ failure: RedisFailure, wasReady: Bool) {
        failPending(.lost(failure))
        finishAttempts(.failure(failure))
        if wasReady { onLost?(failure) }
    }

    func linkDidTick(_ now: UInt64) throws(RedisFailure) {
        if pending.isOverdue(at: now) { throw .silent(milliseconds: link.timing.commandMilliseconds) }
        if pending.count == 0, now - lastHeard >= link.timing.idlePingMilliseconds { send(RedisCommand("PING")) { _ in } }
    }

    func linkWillFlush() {}
}

@available(*, unavailable)
extension RedisConnection: Sendable {}
