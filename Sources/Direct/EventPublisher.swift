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
        let task: Identifier
        let batch: [PublishScript.Entry]
        let deadline: UInt64
        let completion: Completion
    }

    private nonisolated let loop: EventLoop
    private let configuration: Configuration
    private let patienceMilliseconds: UInt64
    private var connection: (any CommandBus)?
    /// Whether it calls the Function, since its login may not load scripts.
    private var callsFunction = false
    /// Why the last attempt to connect failed.
    private var failure: RedisFailure?
    /// Batches from while Redis was away.
    private var waiting: [Waiting] = []

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
        do { batch = try EventPublishing.read(events) } catch { return completion(.failure(error)) }
        loop.execute { self.assumeIsolated { $0.enqueue(batch, task, completion) } }
    }

    // MARK: On the loop

    private func start() {
        let connection = RedisConnector(configuration.redis ?? .local).commands(
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
        case .declined, .retrying: break
        }
    }

    /// Why no batch can be sent.
    private var trouble: String {
        guard let failure else { return "Redis is away" }
        return failure.needsOperator ? "\(failure)" : "Redis is away: \(failure)"
    }

    private func close() {
        connection?.close()
        connection = nil
        fail(waiting, "the connection was closed")
        waiting = []
    }

    private func enqueue(_ batch: [PublishScript.Entry], _ task: Identifier, _ completion: @escaping Completion) {
        let item = Waiting(
            task: task, batch: batch, deadline: loop.now + patienceMilliseconds, completion: completion)
        guard waiting.isEmpty, connection?.isReady == true else {
            if waiting.isEmpty { expire(after: patienceMilliseconds) }
            return waiting.append(item)
        }
        send(item)
    }

    private func sendWaiting() {
        let items = waiting
        waiting = []
        items.forEach(send)
    }

    private func expire(after milliseconds: UInt64) {
        loop.schedule(after: milliseconds) { [weak self] in self?.assumeIsolated { $0.dropLate() } }
    }

    private func dropLate() {
        let now = loop.now
        let late = waiting.prefix { $0.deadline <= now }
        waiting.removeFirst(late.count)
        fail(Array(late), trouble)
        if let next = waiting.first { expire(after: next.deadline - now) }
    }

    private func fail(_ items: [Waiting], _ reason: String) {
        for item in items { item.completion(.failure(.redis(reason))) }
    }

    private func send(_ item: Waiting) {
        guard let connection else { return item.completion(.failure(.redis("the connection was closed"))) }
        if callsFunction { return callFunction(item, on: connection) }
        let key = configuration.naming.metaKey(of: .task(item.task))
        let script = PublishScript(
            item.batch, to: .task(item.task), runID: connection.runID(for: key) ?? "", limits: configuration.history,
            naming: configuration.naming)
        connection.run(script) { item.completion(Self.outcome($0)) }
    }

    private func callFunction(_ item: Waiting, on connection: any CommandBus) {
        let function = configuration.naming.publishFunction
        connection.send(PublishCall(item.batch.map(\.json), to: item.task, naming: configuration.naming)) { result in
            if case .failure(.reply(let reply)) = result, reply.message.hasPrefix("Function not found") {
                let words = "this login may not load scripts, and Redis has no Function \(function): "
                return item.completion(.failure(.redis(words + "a node loads it when it starts")))
            }
            if case .failure(.reply(let reply)) = result, reply.code == "NOPERM" {
                let words = "this login may not load scripts, nor call \(function): \(reply)"
                return item.completion(.failure(.refused(words)))
            }
            item.completion(Self.outcome(result))
        }
    }

    private static func outcome(
        _ result: Result<PublishReceipt, RedisError>
    ) -> Result<Receipt, EventPublishing.Failure> {
        switch result {
        case .success(let receipt):
            let position = receipt.position
            return .success((position.epoch, Int64(clamping: position.sequence), receipt.receivers))
        case .failure(.reply(let reply)) where !reply.asksToWait && !reply.refusesWrites:
            return .failure(.refused(reply.description))
        case .failure(let error): return .failure(.redis("\(error)"))
        }
    }
}

extension RedisReplyError {
    /// Whether the login lacks the right to `SCRIPT LOAD`.
    fileprivate var refusesScripts: Bool { code == "NOPERM" && message.contains("script|load") }
}
