import Events
import JSON
public import Settings
import Store

/// Publishing without a node: what `fantail publish` does.
public enum EventPublishing {
    /// Why nothing was published.
    public enum Failure: Error {
        /// The task's id or an event is not valid.
        case invalid(String)
        /// Redis refused the events: the task has ended.
        case refused(String)
        /// Redis could not be reached, or takes no writes now.
        case redis(String)

        /// The reason, in one line.
        public var message: String {
            switch self {
            case .invalid(let message), .refused(let message), .redis(let message): message
            }
        }
    }

    /// Publishes `events` to a task, in order, as one batch.
    public static func publish(
        _ events: [[UInt8]], toTask id: String, configuration: Configuration
    ) async throws(Failure) -> EventPublisher.Receipt {
        guard let task = Identifier(id) else {
            throw .invalid("a task's id is \(Identifier.rule)")
        }
        // Errors in the events are reported before the command waits for Redis.
        _ = try read(events)
        let publisher: EventPublisher
        do { publisher = try EventPublisher(configuration, patienceMilliseconds: 0) } catch { throw .redis("\(error)") }
        defer { publisher.stop() }
        try await publisher.connected()
        return try await publisher.publish(events, to: task)
    }

    /// Checks that these are events; tells of the first mistake, with its place.
    public static func check(_ events: [[UInt8]], areLines: Bool = false) throws(Failure) {
        _ = try read(events, areLines: areLines)
    }

    /// `areLines`: somebody else names the line of each.
    static func read(_ events: [[UInt8]], areLines: Bool = false) throws(Failure) -> [PublishScript
        .Entry]
    {
        let limits = NodeLimits()
        let parser = JSONParser(maxBytes: limits.eventBytes, maxDepth: limits.jsonDepth)
        var batch: [PublishScript.Entry] = []
        for (index, json) in events.enumerated() {
            let place = events.count > 1 ? "event \(index): " : ""
            do {
                batch.append((json, try Event(parser.object(json), parser: parser)))
            } catch let error as JSONError {
                let fault = JSONPlace.ofFault(in: json, maxDepth: limits.jsonDepth)
                let words = fault.map { areLines ? "column \($0.column): " : "\($0): " } ?? ""
                throw .invalid(place + words + error.message)
            } catch let error as EventError {
                throw .invalid(place + error.message)
            } catch {
                throw .invalid(place + "\(error)")
            }
        }
        return batch
    }
}
