import Access
import Dialects
import Events
import HTTP
import JSON
import RESP
import Redis
import Settings
import Store

/// `/api/v1/tasks/…`: a task's state and events.
struct TaskRoutes {
    let publisher: Publisher
    let reader: any TaskReader
    let viewers: TaskViewers
    let watch: WatchRule
    let limits: NodeLimits

    var routes: [Route] {
        [
            Route(.get, "/api/v1/tasks/{id}", .any, state),
            Route(streamOf: "/api/v1/tasks/{id}/events", stream),
            Route(.get, "/api/v1/tasks/{id}/events", .any, history),
            Route(
                .post, "/api/v1/tasks/{id}/events", .publish, takesBody: true, isRepeatable: true, publish),
        ]
    }

    // MARK: Publishing

    nonisolated(nonsending) private func publish(_ call: Call) async throws(Refusal) -> Response {
        let task = try call.task()
        let batch = try EventBody.read(call.request, limits: limits)
        let key = try call.idempotencyKey()
        let receipt: PublishReceipt
        do {
            receipt = try await publisher.publish(batch, to: .task(task), idempotencyKey: key)
        } catch {
            throw Refusal(error)
        }
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.position(receipt.position, of: task)
        writer.key("receivers")
        writer.integer(receipt.receivers)
        writer.endObject()
        return .json(writer.bytes)
    }

    // MARK: The state

    nonisolated(nonsending) private func state(_ call: Call) async throws(Refusal) -> Response {
        let task = try call.task()
        let answer = try await read(task, since: nil, bytes: 0)
        try checkWatching(task, answer, call.caller)
        var state = reader.taskState(in: answer, of: .task(task))
        state.viewers = try await viewers.counts(of: [.task(task)]).first
        var writer = JSONWriter(capacity: 2 * (answer.state?.count ?? 0) + 512)
        state.write(to: &writer)
        return .json(writer.bytes)
    }

    // MARK: The events

    /// The events after `since`, of `epoch` where that is given, else of the current one; without `since` all that
    /// Redis keeps. `recovered` is false where some in between are lost, or the position is none of the current
    /// epoch's: then the events are all that Redis keeps.
    nonisolated(nonsending) private func history(_ call: Call) async throws(Refusal) -> Response {
        let task = try call.task()
        let since = try Self.position(call.query)
        var answer = try await kept(task, since?.sequence)
        if let epoch = since?.epoch, epoch != ReadScript.anyEpoch, let top = answer.top, epoch != top.epoch {
            // The position is none of these events': all are new to the reader, and earlier ones are lost to it.
            answer = try await kept(task, nil)
            answer.recovered = false
        }
        let top = try checkWatching(task, answer, call.caller)
        var writer = JSONWriter(capacity: 256 + answer.entries.reduce(0) { $0 + $1.count + 32 })
        writer.beginObject()
        writer.position(top, of: task)
        writer.key("recovered")
        writer.bool(answer.recovered)
        writer.key("events")
        writer.beginArray()
        for entry in answer.entries { writer.keptEvent(entry) }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
    }

    /// The events after `sequence` of the current epoch, or all. Without a bound on bytes: Redis keeps the newest event
    /// even where it alone is longer than the history may be.
    nonisolated(nonsending) private func kept(
        _ task: Identifier, _ sequence: UInt64?
    ) async throws(Refusal) -> ChannelAnswer {
        let since = sequence.map { Position(epoch: ReadScript.anyEpoch, sequence: $0) } ?? ReadScript.all
        return try await read(task, since: since, bytes: .max)
    }

    /// The position in a query: `since`, and `epoch`, which defaults to the current one.
    private static func position(_ query: Query) throws(Refusal) -> Position? {
        guard let text = query["since"] else {
            guard query["epoch"] == nil else {
                throw Refusal(400, .badRequest, "epoch is allowed only together with since")
            }
            return nil
        }
        guard let sequence = Position.sequence(text) else {
            throw Refusal(400, .badRequest, "since must be a sequence number")
        }
        return Position(epoch: query["epoch"] ?? ReadScript.anyEpoch, sequence: sequence)
    }

    // MARK: The stream

    /// The stream's caller, task and position. Where the rule needs the owner, the channel checks once it knows it.
    private func stream(_ call: Call) throws(Refusal) -> EventStreamRoute {
        let channel = ChannelName.task(try call.task())
        guard watch.needsOwner || call.caller.mayWatch(channel, owner: nil, rule: watch) else {
            throw Self.mayNotWatch
        }
        let since =
            if let id = call.head.headers["Last-Event-ID"] {
                ServerSentEvent.position(id)
            } else {
                try Self.position(call.query)
            }
        return EventStreamRoute(caller: call.caller, channel: channel, since: since)
    }

    // MARK: Reading

    nonisolated(nonsending) private func read(
        _ task: Identifier, since: Position?, bytes: Int
    ) async throws(Refusal) -> ChannelAnswer {
        do { return try await reader.read(.task(task), since: since, bytes: bytes) } catch { throw Refusal(error) }
    }

    /// The task's position; 403 where the caller may not watch it, 404 where it has none.
    @discardableResult
    private func checkWatching(
        _ task: Identifier, _ answer: ChannelAnswer, _ caller: Caller
    ) throws(Refusal) -> Position {
        guard caller.mayWatch(.task(task), owner: answer.owner, rule: watch) else { throw Self.mayNotWatch }
        guard let top = answer.top else { throw Refusal(404, .notFound, "nobody ever published to this task") }
        return top
    }

    private static var mayNotWatch: Refusal { Refusal(403, .forbidden, "this token may not watch the task") }
}

extension JSONWriter {
    /// The position of a task.
    mutating func position(_ position: Position, of task: Identifier) {
        key("task_id")
        string(task.text)
        key("epoch")
        string(position.epoch)
        key("sequence")
        integer(Int64(clamping: position.sequence))
    }

    /// An event in the history; writes nothing where the entry is none.
    fileprivate mutating func keptEvent(_ entry: [UInt8]) {
        guard case .sequenced(let envelope) = entry.withUnsafeBytes({ Envelope.read($0) }) else { return }
        beginObject()
        key("sequence")
        unsigned(envelope.sequence)
        key("timestamp")
        integer(envelope.milliseconds)
        key("event")
        raw(entry[envelope.bodyOffset...])
        endObject()
    }
}
