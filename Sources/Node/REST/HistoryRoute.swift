import Access
import Events
import Dialects
import HTTP
import JSON
import RESP
import Redis
import Store

/// `GET /api/v1/tasks/{id}/events`: what is kept of a task's events.
enum HistoryRoute {
    /// The events after `since`, of `epoch` where that is given, else of the current one; without `since` all that are kept.
    /// `recovered` is false where some in between are kept no more, or the position is none of the current epoch's: then the
    /// events are all that are kept.
    static func events(
        of id: String, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        let caller = try Caller.identify(request, core: core)
        let task = try TaskRoutes.identifier(id)
        let since = try position(request.head.query)
        var answer = try await read(task, since?.sequence, core: core)
        if let epoch = since?.epoch, epoch != ReadScript.anyEpoch, let top = answer.top, epoch != top.epoch {
            // Not a place among these events: all are new to the reader, and what came before them it cannot have.
            answer = try await read(task, nil, core: core)
            answer.recovered = false
        }
        guard caller.mayWatch(.task(task), owner: answer.owner, rule: core.shared.configuration.watch) else {
            throw Refusal(403, .forbidden, "this token may not watch the task")
        }
        guard let top = answer.top else {
            throw Refusal(404, .notFound, "nothing was ever published to this task")
        }
        var writer = JSONWriter(capacity: 256 + answer.entries.reduce(0) { $0 + $1.count + 32 })
        writer.beginObject()
        TaskRoutes.write(task, top, to: &writer)
        writer.key("recovered")
        writer.bool(answer.recovered)
        writer.key("events")
        writer.beginArray()
        for entry in answer.entries { write(entry, to: &writer) }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
    }

    /// What is kept after `sequence` of the current epoch, or all.
    private static func read(
        _ task: Identifier, _ sequence: UInt64?, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> ChannelAnswer {
        let since = sequence.map { Position(epoch: ReadScript.anyEpoch, sequence: $0) } ?? ReadScript.all
        let result = await withCheckedContinuation(isolation: isolation) { continuation in
            // However long: the newest event is kept also where it alone is longer than the history may be.
            core.subscriptions.read(.task(task), since: since, bytes: .max) {
                continuation.resume(returning: $0)
            }
        }
        do { return try result.get() } catch { throw TaskRoutes.refusal(for: error) }
    }

    /// The position that a query names: `since`, and `epoch`, without which the current one is meant.
    static func position(_ query: Query) throws(Refusal) -> Position? {
        guard let text = query["since"] else {
            guard query["epoch"] == nil else { throw Refusal(400, .badRequest, "epoch goes with since") }
            return nil
        }
        guard let sequence = Position.sequence(text) else {
            throw Refusal(400, .badRequest, "since must be a sequence number")
        }
        return Position(epoch: query["epoch"] ?? ReadScript.anyEpoch, sequence: sequence)
    }

    private static func write(_ entry: [UInt8], to writer: inout JSONWriter) {
        guard case .sequenced(let envelope) = entry.withUnsafeBytes({ Envelope.read($0) }) else { return }
        writer.beginObject()
        writer.key("sequence")
        writer.unsigned(envelope.sequence)
        writer.key("timestamp")
        writer.integer(envelope.milliseconds)
        writer.key("event")
        writer.raw(entry[envelope.bodyOffset...])
        writer.endObject()
    }
}
