public import Dialects
public import EventLoop
import JSON
import RedisClient
import Tasks

/// Publishes events straight to Redis, without a node, over one connection that stays: what `fantail publish` and `fantail
/// run` do. What is given to it is published in that order, without waiting for one before the next.
public actor EventPublisher {
    /// What Redis answers: where the last event of a batch stands, and how many loops got it.
    public typealias Receipt = (epoch: String, sequence: Int64, receivers: Int64)
    /// What becomes of a batch.
    public typealias Completion = @Sendable (Result<Receipt, EventPublishing.Failure>) -> Void

    private struct Waiting {
        let keys: [String]
        let batch: [PublishScript.Entry]
        let deadline: UInt64
        let completion: Completion
    }

    private nonisolated let loop: EventLoop
    private let configuration: Configuration
    private let patienceMilliseconds: UInt64
    private var connection: RedisConnection?
    /// What came while Redis was away.
    private var waiting: [Waiting] = []

    /// The loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// A publisher that begins to connect. What is to be published while Redis is away waits for so long.
    public init(_ configuration: Configuration, patienceMilliseconds: UInt64) throws(SystemError) {
        loop = try EventLoop(name: "publisher")
        self.configuration = configuration
        self.patienceMilliseconds = patienceMilliseconds
        try loop.start()
        loop.execute { self.assumeIsolated { $0.start() } }
    }

    /// Closes the connection and ends its thread. From any other thread.
    public nonisolated func stop() {
        loop.execute { self.assumeIsolated { $0.close() } }
        loop.stop()
        loop.join()
    }

    /// Waits for the outcome of the first attempt to connect.
    public func connected() async throws(EventPublishing.Failure) {
        do { try await connection?.connected() } catch { throw .redis("\(error)") }
    }

    /// Publishes `events` to a task as one batch, and waits for the outcome.
    public nonisolated func publish(
        _ events: [[UInt8]], to task: Identifier
    ) async throws(EventPublishing.Failure) -> Receipt {
        try await withCheckedContinuation { continuation in
            publish(events, to: task) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Publishes `events` to a task as one batch. From any thread. `completion` is called on the loop, in the order of the
    /// calls; within this call where the events are not as they should be.
    public nonisolated func publish(_ events: [[UInt8]], to task: Identifier, _ completion: @escaping Completion) {
        let batch: [PublishScript.Entry]
        do { batch = try EventPublishing.read(events) } catch { return completion(.failure(error)) }
        loop.execute { self.assumeIsolated { $0.enqueue(batch, task, completion) } }
    }

    // MARK: On the loop

    private func start() {
        let connection = RedisConnection(
            loop: loop, endpoint: configuration.redis ?? RedisDiscovery.local, name: "fantail-publisher",
            scripts: [RedisScripts.publish])
        self.connection = connection
        connection.onReady = { [unowned self] in assumeIsolated { $0.sendWaiting() } }
        connection.start()
    }

    private func close() {
        connection?.close()
        connection = nil
        fail(waiting, "the connection was closed")
        waiting = []
    }

    private func enqueue(_ batch: [PublishScript.Entry], _ task: Identifier, _ completion: @escaping Completion) {
        let keys = PublishScript.keys(channel: .task(task), naming: configuration.naming)
        let item = Waiting(
            keys: keys, batch: batch, deadline: loop.now + patienceMilliseconds, completion: completion)
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
        fail(Array(late), "Redis is away")
        if let next = waiting.first { expire(after: next.deadline - now) }
    }

    private func fail(_ items: [Waiting], _ reason: String) {
        for item in items { item.completion(.failure(.redis(reason))) }
    }

    private func send(_ item: Waiting) {
        guard let connection else { return item.completion(.failure(.redis("the connection was closed"))) }
        let arguments = PublishScript.arguments(
            runID: connection.runID ?? "", limits: configuration.history, naming: configuration.naming,
            batch: item.batch)
        connection.run(RedisScripts.publish, keys: item.keys, arguments: arguments) { result in
            item.completion(Self.outcome(result))
        }
    }

    private static func outcome(_ result: Result<RedisValue, RedisError>) -> Result<Receipt, EventPublishing.Failure> {
        switch result {
        case .success(.array(let fields)):
            guard fields.count == 3, let epoch = fields[0].string, let sequence = fields[1].integer,
                let receivers = fields[2].integer
            else { break }
            return .success((epoch, sequence, receivers))
        case .success: break
        case .failure(.reply(let reply)) where !reply.asksToWait && !reply.refusesWrites:
            return .failure(.refused(reply.description))
        case .failure(let error): return .failure(.redis("\(error)"))
        }
        return .failure(.redis("unexpected reply of the publish script"))
    }
}
