import Dialects
import Direct
import Events
import Node
import Settings
import Terminal
import Threads

/// Publishes a command's events. Called by one thread, which waits.
protocol EventSink: Sendable {
    /// Publishes events as one batch.
    func publish(_ events: [[UInt8]]) -> SinkOutcome
    /// Ends publishing.
    func close()
}

/// The outcome of events.
enum SinkOutcome: Sendable {
    case published
    /// No target could be reached; later may be different.
    case away(String)
    /// The events are not allowed, and will not be.
    case refused(String)
}

/// Directly to Redis.
struct RedisSink: EventSink {
    let task: Identifier
    private let publisher: EventPublisher

    init(task: Identifier, configuration: Configuration) throws(CommandFailure) {
        self.task = task
        let configuration = try configuration.checkedForRedis()
        do {
            publisher = try EventPublisher(configuration, patienceMilliseconds: 1_000)
        } catch {
            throw .failed("\(error)")
        }
    }

    func publish(_ events: [[UInt8]]) -> SinkOutcome {
        let publisher = publisher
        let task = task
        let result = Blocking.wait {
            await Result { () async throws(EventPublishing.Failure) in try await publisher.publish(events, to: task) }
        }
        switch result {
        case .success: return .published
        case .failure(.redis(let message)): return .away(message)
        case .failure(.invalid(let message)), .failure(.refused(let message)): return .refused(message)
        }
    }

    func close() { publisher.stop() }
}

/// Over HTTP to a node, or to the next one where it does not answer.
struct NodeSink: EventSink {
    let task: Identifier
    let client: NodeClient
    /// The batch that was tried last and may be published although no node answered, with its key.
    private let unanswered = Locked<(batch: [[UInt8]], key: String)?>(nil)

    init(task: Identifier, client: NodeClient) {
        self.task = task
        self.client = client
    }

    func publish(_ events: [[UInt8]]) -> SinkOutcome {
        let key = unanswered.withLock { $0?.batch == events ? $0?.key : nil } ?? NodeClient.newKey()
        switch client.publish(events, to: task, key: key) {
        case .answered: return .published
        case .away(let reason):
            unanswered.withLock { $0 = (events, key) }
            return .away(reason)
        case .refused(let reason): return .refused(reason)
        }
    }

    func close() {}
}
