import Settings
import Dialects
import Direct
import Events
import HTTPClient
import Base
import JSON
import Node
import Threads
import Terminal

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
    let nodes: [NodeURL]
    let authorization: String
    let authorities: String?

    func publish(_ events: [[UInt8]]) -> SinkOutcome {
        let body = [UInt8(ascii: "[")] + events.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        var outcome = SinkOutcome.away("no node")
        for node in nodes {
            outcome = send(body, to: node)
            guard case .away = outcome else { break }
        }
        return outcome
    }

    private func send(_ body: [UInt8], to node: NodeURL) -> SinkOutcome {
        let request = NodeRequest(
            url: node.url("/api/v1/tasks/\(PercentCoding.encode(task.text))/events"),
            headers: [authorization, "Content-Type: application/json"], body: body, authorities: authorities)
        do throws(NodeFailure) {
            let (status, body) = try request.send(timeoutMilliseconds: RunLimits.attemptMilliseconds)
            if status == 200 { return .published }
            let words = NodeRefusal.words(status, body, JSONParser(maxBytes: 64 * 1024))
            if NodeRefusal.mayPass(status) { return .away("\(node.text) answered \(status) (\(words))") }
            return .refused(NodeRefusal.explain(status, words, node: node, task: task))
        } catch {
            return .away("\(node.text): \(error.reason)")
        }
    }

    func close() {}
}
