package import RESP
package import EventLoop
internal import Glibc

/// The command connection of a loop: pipelines commands, reconnects for ever, never blocks. Loop-confined.
///
/// - All commands of one turn of the loop leave in one write at its end. Completions run in the order of the calls,
///   also after a script was sent twice (NOSCRIPT).
/// - While the connection is not ready, commands fail at once with ``RedisError/notReady``: Redis may be away for
///   hours. After a loss, all pending commands fail with ``RedisError/lost(_:)``: they may have run.
/// - A command without a reply for 4 s ends the connection: the next replies would belong to the wrong commands.
/// - An owner that goes away calls ``close()``.
package final class CommandConnection: CommandBus {
    package var onEvent: ((RedisEvent, RedisRole) -> Void)?
    package var onReply: ((UInt64) -> Void)?

    /// The Redis at the other end, at the last handshake.
    package private(set) var server: RedisServer?
    /// The run ids of the other masters of the cluster that ``server`` is one of.
    package var otherMasters: [String] = []

    private let link: RedisLink
    private let pubSub: ClusterPubSub
    private let scripts: Set<String>
    private var digests: [String: String] = [:]
    private var reader = ValueReader()
    private var pending = PendingCommands()
    private var waiters: [(Result<Void, RedisFailure>) -> Void] = []
    /// The error of Redis when the last attempt failed because Redis takes no writes.
    private var turnedAwayBy: RedisReplyError?

    /// A connection, not started yet, to the address from `finder`, or to the fixed address of `login`.
    /// ``run(_:keys:arguments:_:)`` calls only the login's scripts. Commands from a hook of
    /// ``EventLoop/EventLoop/beforeSleep(_:)`` leave in the same turn only if added before ``start()``.
    package init(
        loop: EventLoop, login: Login, finder: (any RedisFinder)? = nil, timing: RedisTiming = RedisTiming(),
        random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        link = RedisLink(loop: loop, login: login, finder: finder, timing: timing, random: random)
        pubSub = login.pubSub
        scripts = Set(login.scripts.map(\.name))
    }

    /// A connection to one Redis that takes writes.
    package convenience init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, scripts: [RedisScript] = [],
        timing: RedisTiming = RedisTiming()
    ) {
        self.init(loop: loop, login: Login(endpoint: endpoint, name: name, scripts: scripts), timing: timing)
    }

    package var isReady: Bool { link.isReady }
    /// What has several servers has several of these connections.
    package var isSpread: Bool { false }
    package var address: RedisEndpoint.Address? { server == nil ? nil : link.address }
    /// `run_id` of ``server``: a new one means that Redis was restarted, or that another Redis answers.
    package var runID: String? { server?.runID }
    package func runID(for key: String) -> String? { runID }
    package var masters: [any CommandBus] { [self] }
    /// None: this is one Redis.
    package var newcomers: [any CommandBus] { [] }
    package var runIDs: [String] { [server?.runID ?? ""] + otherMasters }
    package var whyNotReady: RedisError {
        if link.isClosed { return .closed }
        return turnedAwayBy.map(RedisError.turnedAway) ?? .notReady
    }
    package var pendingCount: Int { pending.count }

    /// Starts to connect, and retries for ever. Once, on the loop.
    package func start() {
        link.user = self
        link.start()
    }

    /// Closes the connection for good; pending commands fail with ``RedisError/closed``. Once or often.
    package func close() {
        link.checkLoop()
        guard !link.isClosed else { return }
        link.close()
        settleWaiters(.failure(.ended("closed")))
        failPending(.closed)
    }
}

@available(*, unavailable)
extension CommandConnection: Sendable {}

// MARK: Sending

extension CommandConnection {
    /// Sends `command`. Where the connection cannot send, `completion` runs within this call; else later, in order.
    package func send(_ command: RedisCommand, _ completion: @escaping Completion) {
        guard canSend(command.encoded.count, completion) else { return }
        link.send { $0 += command.encoded }
        pending.add(byteCount: command.encoded.count, deadline: deadline, timed(completion))
    }

    /// Calls `script`, one of the login's scripts, by its digest; by its text where Redis has lost the script.
    package func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion
    ) {
        precondition(
            scripts.contains(script.name), "CommandConnection: the script \(script.name) was not given to init")
        let call = ScriptCall(script: script, keys: keys, arguments: arguments)
        guard canSend(call.byteCount, completion) else { return }
        guard pending.add(call, byteCount: call.byteCount, deadline: deadline, timed(completion)) else { return }
        send(call, asText: false)
    }

    package func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion) {
        send(RedisCommand("PUBLISH", .string(channel), .bytes(message)), completion)
    }

    /// `completion`, which also reports the time of the reply.
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
            if asText {
                call.appendEVAL(runBy: writers, to: &$0)
            } else {
                call.appendEVALSHA(digests[call.script.name]!, runBy: writers, to: &$0)
            }
        }
    }

    /// What scripts are told of who runs them, and how to publish.
    private var writers: String { runIDs.joined(separator: " ") + pubSub.word }

    /// Sends `command` behind ASKING: to a master that takes over the key's slot, and does not keep it yet.
    package func ask(_ command: RedisCommand, _ completion: @escaping Completion) {
        send(RedisCommand("ASKING")) { _ in }
        send(command, completion)
    }

    /// Calls `script` behind ASKING, by its text: where the digest was not known, ASKING would be used up.
    package func ask(_ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion) {
        var encoded: [UInt8] = []
        ScriptCall(script: script, keys: keys, arguments: arguments).appendEVAL(runBy: writers, to: &encoded)
        ask(RedisCommand(encoded: encoded), completion)
    }

    /// Whether commands have waited so long without a sign of life.
    package func isSilent(for milliseconds: UInt64) -> Bool {
        isReady && pending.count > 0 && link.now - link.lastHeard >= milliseconds
    }

    /// Calls `completion` with the error where the connection cannot send.
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

    private var deadline: UInt64 { link.now + link.timing.commandMilliseconds }
}

// MARK: Receiving

extension CommandConnection: RedisLinkUser {
    func linkIsReady(_ outcome: RedisHandshake.Outcome) {
        server = outcome.server
        turnedAwayBy = nil
        digests = outcome.digests
        reader = ValueReader()
        settleWaiters(.success(()))
        report(.connected(outcome.server))
    }

    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        // A completion may close the connection, or send a command that fails: keep the reader of these bytes.
        let reader = reader
        try reader.feed(bytes)
        while link.isReady, let reply = try reader.next() {
            try pending.receive(reply)
            for (call, asText) in pending.takeRepeats() { send(call, asText: asText) }
            while let (completion, result) = pending.popFinished() { completion(result) }
            if case .error(let error) = reply { try check(error) }
        }
    }

    /// The connection leaves a master that has become a replica at once: the replica answers, and refuses writes.
    private func check(_ error: RedisReplyError) throws(RedisFailure) {
        if error.refusesWrites || error.lacksRight { report(.declined(error)) }
        if error.isReadOnly { throw .unavailable(error) }
    }

    func linkWillFlush() {}

    func linkDidTick() {
        let now = link.now
        if pending.isOverdue(at: now) {
            link.fail(.silent(milliseconds: link.timing.commandMilliseconds))
        } else if pending.count == 0, now - link.lastHeard >= link.timing.idlePingMilliseconds {
            // Any answer counts, an error too: Redis is alive.
            let ping = RedisCommand("PING").encoded
            link.send { $0 += ping }
            pending.add(byteCount: ping.count, deadline: deadline) { _ in }
        }
    }

    func linkDidFail(_ failure: RedisFailure, wasReady: Bool) {
        turnedAwayBy = if case .unavailable(let error) = failure, error.refusesWrites { error } else { nil }
        settleWaiters(.failure(failure))
        failPending(.lost(failure))
        report(RedisEvent(failure, wasReady: wasReady))
    }

    func linkReports(_ event: RedisEvent) { report(event) }

    private func report(_ event: RedisEvent) { onEvent?(event, .commands) }

    private func failPending(_ error: RedisError) {
        for (completion, result) in pending.removeAll(failing: error) { completion(result) }
    }

    package func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void) {
        link.checkLoop()
        if isReady { return completion(.success(())) }
        if link.isClosed { return completion(.failure(.ended("closed"))) }
        waiters.append(completion)
    }

    private func settleWaiters(_ result: Result<Void, RedisFailure>) {
        let settled = waiters
        waiters = []
        for waiter in settled { waiter(result) }
    }
}
