public import RESP
public import EventLoop
internal import Glibc

/// The command connection of a loop: pipelines by itself, reconnects for ever, never blocks. Loop-confined.
///
/// - Everything sent in one turn of the loop leaves in one write at its end. Completions are called in the order of the
///   calls, also when a script had to be sent twice (NOSCRIPT).
/// - While it is not ready, commands fail at once with ``RedisError/notReady``: nothing waits for a Redis that may be away
///   for hours. When it is lost, all that waits fails with ``RedisError/lost(_:)``: such a command may have run.
/// - A command without a reply for 4 s ends the connection; which reply belongs to which command would be lost otherwise.
/// - An owner that goes away calls ``close()``.
public final class RedisConnection {
    /// What becomes of a command. An error reply is a `.failure(.reply)`; errors inside an array stay values.
    public typealias Completion = (Result<RedisValue, RedisError>) -> Void

    /// Called on every change, on the loop. Set before ``start()``.
    public var onEvent: ((RedisEvent) -> Void)?
    /// Called with the microseconds between a command and its reply, for each. Set before ``start()``.
    public var onReply: ((UInt64) -> Void)?
    /// Called whenever commands are taken, first or again.
    public var onReady: (() -> Void)?
    /// Called when they no longer are, after all that waited has failed.
    public var onLost: ((RedisFailure) -> Void)?
    /// Called when a command was refused because Redis takes no writes or the user lacks a right, after its completion.
    public var onRefusal: ((RedisReplyError) -> Void)?

    /// The Redis at the other end, as of the last time it was ready.
    public private(set) var server: RedisServer?

    private let link: RedisLink
    private let scripts: Set<String>
    private var digests: [String: String] = [:]
    private var reader = ValueReader()
    private var pending = PendingCommands()
    private var waiters: [CheckedContinuation<Result<Void, RedisFailure>, Never>] = []
    /// What Redis said when the last attempt was given up because it takes no writes.
    private var turnedAwayBy: RedisReplyError?

    /// A connection that is not started yet. `name` is what CLIENT LIST shows; `scripts` are all that ``run(_:keys:arguments:_:)``
    /// may call; `readsReplicas` is for who only reads: all others leave a Redis that is a replica at once. What the owner sends
    /// in a hook of ``EventLoop/EventLoop/beforeSleep(_:)`` leaves in the same turn only when that hook was added before
    /// ``start()``.
    public init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, scripts: [RedisScript] = [],
        readsReplicas: Bool = false, timing: RedisTiming = RedisTiming(),
        random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        link = RedisLink(
            loop: loop, endpoint: endpoint, name: name, scripts: scripts, readsReplicas: readsReplicas, timing: timing,
            random: random)
        self.scripts = Set(scripts.map(\.text))
    }

    /// Whether commands are taken.
    public var isReady: Bool { link.isReady }
    /// `run_id` of ``server``: another one means that Redis was restarted, or that another one answers.
    public var runID: String? { server?.runID }
    /// Why nothing is sent while it is not ready.
    public var whyNotReady: RedisError {
        if link.isClosed { return .closed }
        return turnedAwayBy.map(RedisError.turnedAway) ?? .notReady
    }
    /// Commands waiting for replies.
    public var pendingCount: Int { pending.count }

    /// Begins to connect, and goes on for ever. Once, on the loop.
    public func start() {
        link.user = self
        link.start()
    }

    /// Ends for good; what waits fails with ``RedisError/closed``. Once or often.
    public func close() {
        link.checkLoop()
        guard !link.isClosed else { return }
        link.close()
        settleWaiters(.failure(.ended("closed")))
        failPending(.closed)
    }
}

@available(*, unavailable)
extension RedisConnection: Sendable {}

// MARK: Sending

extension RedisConnection {
    /// Sends `command`. Where nothing can be sent, `completion` is called within this call; else later, in order.
    public func send(_ command: RedisCommand, _ completion: @escaping Completion) {
        guard canSend(command.encoded.count, completion) else { return }
        link.send { $0 += command.encoded }
        pending.add(byteCount: command.encoded.count, deadline: deadline, timed(completion))
    }

    /// Calls `script`, which must be one of those given at the start, by its digest; by its text where Redis has lost it.
    public func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]] = [], _ completion: @escaping Completion
    ) {
        precondition(scripts.contains(script.text), "RedisConnection: the script \(script.name) was not given to init")
        let call = ScriptCall(script: script, keys: keys, arguments: arguments)
        guard canSend(call.byteCount, completion) else { return }
        guard pending.add(call, byteCount: call.byteCount, deadline: deadline, timed(completion)) else { return }
        send(call, asText: false)
    }

    /// `completion`, after the time has been taken.
    private func timed(_ completion: @escaping Completion) -> Completion {
        guard let onReply else { return completion }
        let start = Self.microseconds
        return { result in
            if case .success = result { onReply(Self.microseconds - start) }
            completion(result)
        }
    }

    private static var microseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }

    private func send(_ call: ScriptCall, asText: Bool) {
        link.send {
            if asText { call.appendEVAL(to: &$0) } else { call.appendEVALSHA(digests[call.script.text]!, to: &$0) }
        }
    }

    /// Calls `completion` where the answer is no.
    private func canSend(_ byteCount: Int, _ completion: Completion) -> Bool {
        link.checkLoop()
        guard link.isReady else {
            completion(.failure(whyNotReady))
            return false
        }
        guard !pending.isFull(adding: byteCount) else {
            completion(.failure(.overloaded))
            return false
        }
        return true
    }

    private var deadline: UInt64 { link.patience.now + link.timing.commandMilliseconds }
}

// MARK: Receiving

extension RedisConnection: RedisLinkUser {
    func linkIsReady(_ outcome: Handshake.Outcome) {
        server = outcome.server
        turnedAwayBy = nil
        digests = outcome.digests
        reader = ValueReader()
        settleWaiters(.success(()))
        onEvent?(.connected(outcome.server))
        if isReady { onReady?() }
    }

    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        // A completion may close us, or send what fails: the reader stays the one these bytes belong to.
        let reader = reader
        try reader.feed(bytes)
        while link.isReady, let reply = try reader.next() {
            try pending.receive(reply)
            for (call, asText) in pending.takeRepeats() { send(call, asText: asText) }
            while let (completion, result) = pending.popFinished() { completion(result) }
            if case .error(let error) = reply { try note(error) }
        }
    }

    /// A master that has become a replica is left at once: it answers, and takes nothing.
    private func note(_ error: RedisReplyError) throws(RedisFailure) {
        if error.refusesWrites || error.lacksRight { onRefusal?(error) }
        if error.isReadOnly { throw .unavailable(error) }
    }

    func linkWillFlush() {}

    func linkDidTick() {
        let now = link.patience.now
        if pending.isOverdue(at: now) {
            link.fail(.silent(milliseconds: link.timing.commandMilliseconds))
        } else if pending.count == 0, now - link.lastHeard >= link.timing.idlePingMilliseconds {
            // Any answer will do, an error too: Redis is there.
            let ping = RedisCommand("PING").encoded
            link.send { $0 += ping }
            pending.add(byteCount: ping.count, deadline: deadline) { _ in }
        }
    }

    func linkDidFail(_ failure: RedisFailure, wasReady: Bool) {
        turnedAwayBy = if case .unavailable(let error) = failure, error.refusesWrites { error } else { nil }
        settleWaiters(.failure(failure))
        failPending(.lost(failure))
        if wasReady {
            onEvent?(.lost(failure))
            onLost?(failure)
        } else {
            onEvent?(failure.needsOperator ? .refused(failure) : .failed(failure))
        }
    }

    func linkReports(_ event: RedisEvent) { onEvent?(event) }

    private func failPending(_ error: RedisError) {
        for (completion, result) in pending.removeAll(failing: error) { completion(result) }
    }

    private func settleWaiters(_ result: Result<Void, RedisFailure>) {
        let settled = waiters
        waiters = []
        for waiter in settled { waiter.resume(returning: result) }
    }
}

// MARK: Waiting for replies

extension RedisConnection {
    /// Waits for the outcome of the attempt under way: returns when ready, throws why not. The connection goes on trying in
    /// either case. For command lines, and for a check at start.
    public func connected(isolation: isolated (any Actor)? = #isolation) async throws(RedisFailure) {
        link.checkLoop()
        if isReady { return }
        if link.isClosed { throw .ended("closed") }
        try await withCheckedContinuation(isolation: isolation) { waiters.append($0) }.get()
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
}
