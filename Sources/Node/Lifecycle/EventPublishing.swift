import Dialects
import JSON
import RedisClient
import Tasks

/// Publishes events straight to Redis, without a node: what `fantail publish` does.
public enum EventPublishing {
    /// Why nothing was published.
    public enum Failure: Error {
        /// The task's id or an event is not as it should be.
        case invalid(String)
        /// Redis could not be reached, or refused.
        case redis(String)
    }

    /// Publishes `events` to a task, in order, as one batch.
    ///
    /// - Returns: `[epoch, sequence, receivers]` of the last one, as the script answers.
    public static func publish(
        _ events: [[UInt8]], toTask id: String, configuration: Configuration
    ) async throws(Failure) -> (epoch: String, sequence: Int64, receivers: Int64) {
        guard let task = Identifier(id) else {
            throw .invalid("a task's id is 1 to 128 bytes of printable ASCII without spaces and braces")
        }
        let batch = try read(events)
        do {
            let endpoint = configuration.redis ?? RedisDiscovery.local
            let reply = try await RedisSession.with(endpoint, scripts: [RedisScripts.publish]) { session in
                try await session.run(
                    RedisScripts.publish,
                    keys: PublishScript.keys(channel: .task(task), naming: configuration.naming),
                    arguments: PublishScript.arguments(
                        runID: await session.runID, limits: configuration.history, naming: configuration.naming,
                        batch: batch))
            }
            guard case .array(let fields) = reply, fields.count == 3, let epoch = fields[0].string,
                let sequence = fields[1].integer, let receivers = fields[2].integer
            else { throw Failure.redis("unexpected reply of the publish script") }
            return (epoch, sequence, receivers)
        } catch let failure as Failure {
            throw failure
        } catch RedisError.reply(let reply) {
            throw .redis(reply.description)
        } catch {
            throw .redis("\(error)")
        }
    }

    private static func read(_ events: [[UInt8]]) throws(Failure) -> [PublishScript.Entry] {
        let limits = NodeLimits()
        let parser = JSONParser(maxBytes: limits.eventBytes, maxDepth: limits.jsonDepth)
        var batch: [PublishScript.Entry] = []
        for (index, json) in events.enumerated() {
            let place = events.count > 1 ? "event \(index): " : ""
            do {
                batch.append((json, try Event(parser.object(json), parser: parser)))
            } catch let error as JSONError {
                throw .invalid(place + error.message)
            } catch let error as EventError {
                throw .invalid(place + error.message)
            } catch {
                throw .invalid(place + "\(error)")
            }
        }
        return batch
    }
}
