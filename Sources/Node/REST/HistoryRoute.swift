import Dialects
import HTTP
import JSON
import RedisClient
import Tasks

/// `GET /api/v1/tasks/{id}/events`: what is kept of a task's events.
enum HistoryRoute {
    /// The events after `since`, of `epoch` where that is given; without `since` all that are kept. `recovered` is false where
    /// some in between are kept no more.
    static func events(
        of id: String, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        let caller = try Caller.identify(request, core: core)
        let task = try TaskRoutes.identifier(id)
        let since = try position(request.head.query)
        let result = await withCheckedContinuation(isolation: isolation) { continuation in
            let bytes = core.shared.configuration.history.bytes
            core.subscriptions.read(.task(task), since: since ?? ReadScript.all, bytes: bytes) {
                continuation.resume(returning: $0)
            }
        }
        let answer: ChannelAnswer
        do { answer = try result.get() } catch { throw TaskRoutes.refusal(for: error) }
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

    /// The position that a query names: `since`, and `epoch`, without which the current one is meant.
    static func position(_ query: Query) throws(Refusal) -> Position? {
        guard let text = query["since"] else {
            guard query["epoch"] == nil else { throw Refusal(400, .badRequest, "epoch goes with since") }
            return nil
        }
        guard let sequence = UInt64(text) else {
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
