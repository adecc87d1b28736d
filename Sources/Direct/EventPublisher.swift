import Topology
public import EventLoop
public import Events
import RESP
import Redis
public import Settings
import Store

/// Publishes events directly to Redis, without a node, over one lasting connection: for `fantail publish` and `fantail
/// run`. It publishes in the order of the calls, without waiting for one batch before the next.
///
/// It uses the nodes' script; where its login may not load scripts, as a worker's in ops/redis/users.acl, it uses the
/// workers' Function, which a node has loaded.
public actor EventPublisher {
    /// Redis' reply: the position of a batch's last event, and how many loops got it.
    public typealias Receipt = (epoch: String, sequence: Int64, receivers: Int64)
    /// Takes the outcome of a batch.
    public typealias Completion = @Sendable (Result<Receipt, EventPublishing.Failure>) -> Void

    private struct Waiting {
        /// Its place in the order of the calls.
        let number: UInt64
        let task: Identifier
        let batch: [PublishScript.Entry]
        let deadline: UInt64
        let completion: Completion
        /// Why Redis did not take it before, in Redis' words.
        var reason: String?
    }

    /// Milliseconds between two attempts while a part of Redis is away: a batch that waits is late by no more.
    private static let retryMilliseconds: UInt64 = 100

    private nonisolated let loop: EventLoop
    private let configuration: Configuration
    private let patienceMilliseconds: UInt64
    private var connection: (any CommandBus)?
    /// Whether it calls the Function, since its login may not load scripts.
    private var callsFunction = false
    /// Why the last attempt to connect failed.
    private var failure: RedisFailure?
    /// Batches from while Redis, or the part of it that has their keys, was away; in the order of the calls.
    private var waiting: [Waiting] = []
    private var lastNumber: UInt64 = 0
    /// The number of batches that wait for Redis' reply.
    private var underWay = 0
    /// Whether the first waiting batch was sent, and the others wait for its outcome.
    private var isTrying = false
    private var expiry: Timer?
    private var retry: Timer?

    /// The publisher's own loop: its connection to Redis calls back there.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// A publisher that starts to connect. Batches wait so long while Redis is away.
    public init(_ configuration: Configuration, patienceMilliseconds: UInt64) throws(SystemError) {
        loop = try EventLoop(name: "publisher")
        self.configuration = configuration
        self.patienceMilliseconds = patienceMilliseconds
        try loop.start()
        loop.execute { self.assumeIsolated { $0.start() } }
    }

    /// Closes the connection and ends its thread. Call it from any other thread.
    public nonisolated func stop() {
        loop.execute { self.assumeIsolated { $0.close() } }
        loop.stop()
        loop.join()
    }

    /// Waits for the outcome of the first attempt to connect, even without scripts where it may not load them.
    public func connected() async throws(EventPublishing.Failure) {
        while let connection {
            do {
                return try await connection.connected()
            } catch {
                guard connection === self.connection else { continue }
                if let fault = error.faultOfURL { throw .invalid("--redis: \(fault)") }
                throw .redis("\(error)")
            }
        }
    }

    /// Publishes `events` to a task as one batch, and waits for the outcome.
    public nonisolated func publish(
        _ events: [[UInt8]], to task: Identifier
    ) async throws(EventPublishing.Failure) -> Receipt {
        try await withCheckedContinuation { continuation in
            publish(events, to: task) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Publishes `events` to a task as one batch. From any thread. `completion` is called on the loop, in the order of
    /// the calls; within this call where the events are not valid.
    public nonisolated func publish(_ events: [[UInt8]], to task: Identifier, _ completion: @escaping Completion) {
        let batch: [PublishScript.Entry]
        do { batch = try EventPublishing.read(events, areLines: true) } catch {
            return completion(.failure(error))
        }
        loop.execute { self.assumeIsolated { $0.enqueue(batch, task, completion) } }
    }

    // MARK: On the loop

    private func start() {
        let connector = RedisConnector(configuration.redis ?? .local, pubSub: configuration.redisPubSub)
        let connection = connector.commands(
            loop: loop, name: "fantail-publisher", scripts: callsFunction ? [] : [PublishScript.script])
        self.connection = connection
        connection.onEvent = { [unowned self] event, role in
            if role == .commands { assumeIsolated { $0.receive(event) } }
        }
        connection.start()
    }

    private func receive(_ event: RedisEvent) {
        switch event {
        case .connected:
            failure = nil
            sendWaiting()
        case .lost(let failure), .failed(let failure): self.failure = failure
        case .refused(.refused(let reply)) where !callsFunction && reply.refusesScripts:
            callsFunction = true
            connection?.close()
            start()
        case .refused(let failure): self.failure = failure
        case .declined, .tookOver, .retrying: break
        }
    }

    /// Why no batch can be sent.
    private var trouble: String {
        guard let failure else {
            let shard = connection?.absentShards.first
            return "Redis is away" + (shard.map { ": \($0.name): \($0.reason)" } ?? "")
        }
        return failure.needsOperator ? "\(failure)" : "Redis is away: \(failure)"
    }

    private func close() {
        connection?.close()
        connection = nil
        let items = waiting
        waiting = []
        fail(items) { _ in "the connection was closed" }
    }

    private func enqueue(_ batch: [PublishScript.Entry], _ task: Identifier, _ completion: @escaping Completion) {
        lastNumber += 1
        let item = Waiting(
            number: lastNumber, task: task, batch: batch, deadline: loop.now + patienceMilliseconds,
            completion: completion)
        guard waiting.isEmpty, !isTrying, connection?.isReady == true else { return wait(item) }
        send(item)
    }

    // MARK: Waiting

    private func wait(_ item: Waiting) {
        waiting.insert(item, at: waiting.firstIndex { $0.number > item.number } ?? waiting.endIndex)
        expire()
        tryLater()
    }

    /// Sends the first waiting batch, and the others once Redis has taken it: none overtakes one that must wait again.
    private func sendWaiting() {
        guard !isTrying, !waiting.isEmpty, connection?.isReady == true else { return }
        isTrying = true
        send(waiting.removeFirst())
    }

    private func didTry(isTaken: Bool) {
        guard isTrying else { return }
        isTrying = false
        guard isTaken else { return tryLater() }
        let items = waiting
        waiting = []
        items.forEach(send)
    }

    private func tryLater() {
        guard retry == nil, !waiting.isEmpty else { return }
        retry = loop.schedule(after: Self.retryMilliseconds) { [weak self] in
            self?.assumeIsolated {
                $0.retry = nil
                $0.sendWaiting()
                if !$0.isTrying { $0.tryLater() }
            }
        }
    }

    private func expire() {
        guard expiry == nil, let next = waiting.first else { return }
        let now = loop.now
        expiry = loop.schedule(after: next.deadline > now ? next.deadline - now : 0) { [weak self] in
            self?.assumeIsolated { $0.dropLate() }
        }
    }

    private func dropLate() {
        expiry = nil
        let now = loop.now
        let late = Array(waiting.prefix { $0.deadline <= now })
        waiting.removeFirst(late.count)
        fail(late) { $0.reason ?? trouble }
        expire()
    }

    private func fail(_ items: [Waiting], _ reason: (Waiting) -> String) {
        for item in items { item.completion(.failure(.redis(reason(item)))) }
    }

    // MARK: Sending

    private func send(_ item: Waiting) {
        guard let connection else { return item.completion(.failure(.redis("the connection was closed"))) }
        underWay += 1
        if callsFunction {
            let call = PublishCall(item.batch.map(\.json), to: item.task, naming: configuration.naming)
            let function = configuration.naming.publishFunction
            return connection.send(call) { [self] in receive($0, of: item, function: function) }
        }
        let key = configuration.naming.metaKey(of: .task(item.task))
        let script = PublishScript(
            item.batch, to: .task(item.task), runID: connection.runID(for: key) ?? "", limits: configuration.history,
            naming: configuration.naming)
        connection.run(script) { [self] in receive($0, of: item, function: nil) }
    }

    private func receive(_ result: Result<PublishReceipt, RedisError>, of item: Waiting, function: String?) {
        underWay -= 1
        switch result {
        case .success(let receipt):
            let position = receipt.position
            item.completion(
                .success((position.epoch, Int64(clamping: position.sequence), receipt.receivers)))
            didTry(isTaken: true)
        case .failure(let error):
            settle(item, BatchFate(error, function: function, isAlone: underWay == 0))
        }
    }

    private func settle(_ item: Waiting, _ fate: BatchFate) {
        switch fate {
        case .sendAgain(let reason):
            guard loop.now < item.deadline else {
                item.completion(.failure(.redis(reason ?? trouble)))
                return didTry(isTaken: false)
            }
            var item = item
            item.reason = reason
            wait(item)
            didTry(isTaken: false)
        case .away(let reason):
            item.completion(.failure(.redis(reason)))
            didTry(isTaken: false)
        case .refused(let reason):
            item.completion(.failure(.refused(reason)))
            didTry(isTaken: true)
        }
    }
}

extension RedisReplyError {
    /// Whether the login lacks the right to `SCRIPT LOAD`.
    fileprivate var refusesScripts: Bool { code == "NOPERM" && message.contains("script|load") }
}
