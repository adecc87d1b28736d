import Direct
import Events
import Glibc
import Settings
import Terminal
import Threads

/// Publishes lines as events of a task, in order. Called by one thread.
protocol LinePublisher {
    /// Publishes a line. `completion` is called in the order of the calls, from any thread, or within this call.
    func publish(_ line: [UInt8], _ completion: @escaping EventPublisher.Completion)
    /// Ends publishing.
    func stop()
}

/// Directly to Redis: many lines are under way at once.
struct RedisLines: LinePublisher {
    private let task: Identifier
    private let publisher: EventPublisher

    /// Waits until Redis is reached.
    init(task: Identifier, _ configuration: Configuration, _ patienceMilliseconds: UInt64)
        throws(CommandFailure)
    {
        self.task = task
        let publisher: EventPublisher
        do {
            publisher = try EventPublisher(configuration, patienceMilliseconds: patienceMilliseconds)
        } catch {
            throw .failed("\(error)")
        }
        self.publisher = publisher
        let connected = Blocking.wait {
            await Result { () async throws(EventPublishing.Failure) in try await publisher.connected() }
        }
        if case .failure(let failure) = connected {
            publisher.stop()
            throw .failed(failure.message)
        }
    }

    func publish(_ line: [UInt8], _ completion: @escaping EventPublisher.Completion) {
        publisher.publish([line], to: task, completion)
    }

    func stop() { publisher.stop() }
}

/// Over HTTP to the nodes: a request for each line, one after the other.
struct NodeLines: LinePublisher {
    /// Milliseconds between two attempts while no node answers.
    private static let pauseMilliseconds: UInt32 = 250

    let task: Identifier
    let client: NodeClient
    let patienceMilliseconds: UInt64

    func publish(_ line: [UInt8], _ completion: @escaping EventPublisher.Completion) {
        do { try EventPublishing.check([line], areLines: true) } catch {
            return completion(.failure(error))
        }
        // A line whose answer was lost is sent again, and published once.
        let key = NodeClient.newKey()
        let deadline = Monotonic.milliseconds + patienceMilliseconds
        while true {
            switch client.publish([line], to: task, key: key) {
            case .answered(let answer):
                guard let receipt = NodeReceipt(answer) else {
                    return completion(.failure(.redis("the node's answer is not understood")))
                }
                return completion(.success((receipt.epoch, receipt.sequence, receipt.receivers)))
            case .refused(let reason): return completion(.failure(.refused(reason)))
            case .away(let reason):
                guard Monotonic.milliseconds < deadline else { return completion(.failure(.redis(reason))) }
                usleep(Self.pauseMilliseconds * 1_000)
            }
        }
    }

    func stop() {}
}
