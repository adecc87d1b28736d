import Access
import Events
import Dialects
import HTTP
import JSON
import RESP
import Redis
import Store

/// `/api/v1/tasks/…`
enum TaskRoutes {
    /// `POST /api/v1/tasks/{id}/events`
    static func publish(
        to id: String, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        try Caller.identify(request, core: core).require("publish")
        let task = try identifier(id)
        let batch = try EventBody.read(request, limits: core.limits)
        let key = try idempotencyKey(request.head)
        let receipt: Publisher.Receipt
        do {
            receipt = try await Publisher.publish(batch, to: .task(task), idempotencyKey: key, core: core)
        } catch {
            throw refusal(for: error)
        }
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        write(task, receipt.position, to: &writer)
        writer.key("receivers")
        writer.integer(receipt.receivers)
        writer.endObject()
        return .json(writer.bytes)
    }

    /// `GET /api/v1/tasks/{id}`
    static func state(
        of id: String, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        let caller = try Caller.identify(request, core: core)
        let task = try identifier(id)
        let result = await withCheckedContinuation(isolation: isolation) { continuation in
            core.subscriptions.read(.task(task), since: nil, bytes: 0) { continuation.resume(returning: $0) }
        }
        let answer: ChannelAnswer
        do { answer = try result.get() } catch { throw refusal(for: error) }
        guard caller.mayWatch(.task(task), owner: answer.owner, rule: core.shared.configuration.watch) else {
            throw Refusal(403, .forbidden, "this token may not watch the task")
        }
        guard answer.top != nil else {
            throw Refusal(404, .notFound, "nothing was ever published to this task")
        }
        var state = core.events.taskState(in: answer, of: .task(task))
        state.viewers = try await viewers(of: task, core: core)
        var writer = JSONWriter(capacity: 2 * (answer.state?.count ?? 0) + 512)
        state.write(to: &writer)
        return .json(writer.bytes)
    }

    /// How many watch the task, on all nodes.
    private static func viewers(
        of task: Identifier, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Int64 {
        let key = core.shared.configuration.naming.viewersKey(of: .task(task))
        do {
            return max(0, try await core.redis.send(RoomViewers(in: key)).map(\.viewers).clampedSum)
        } catch {
            throw refusal(for: error)
        }
    }

    /// The name that a publisher gives to what it publishes, so that sending it twice publishes it once.
    static func idempotencyKey(_ head: RequestHead) throws(Refusal) -> String? {
        guard let key = head.headers["Idempotency-Key"] else { return nil }
        guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Refusal(400, .badRequest, "Idempotency-Key must be 1 to 128 printable bytes")
        }
        return key
    }

    static func write(_ task: Identifier, _ position: Position, to writer: inout JSONWriter) {
        writer.key("task_id")
        writer.string(task.text)
        writer.key("epoch")
        writer.string(position.epoch)
        writer.key("sequence")
        writer.integer(Int64(clamping: position.sequence))
    }

    static func identifier(_ text: String) throws(Refusal) -> Identifier {
        guard let identifier = Identifier(text) else {
            throw Refusal(
                422, .invalidEvent, "a task's id is \(Identifier.rule)")
        }
        return identifier
    }

    /// What a failed command means to whoever asked.
    static func refusal(for error: RedisError) -> Refusal {
        if case .reply(let reply) = error, reply.code == "FINISHED" {
            return Refusal(409, .taskFinished, reply.message)
        }
        if case .reply(let reply) = error, reply.code == "MISMATCH" {
            return JSONBody.refusal("this Idempotency-Key was used with another body")
        }
        return unavailable(error)
    }

    /// Redis is away, or does not do it now: it is out of memory, read-only or loading.
    static func unavailable(_ error: RedisError) -> Refusal {
        var reason = "Redis cannot be reached now"
        if let reply = error.reply { reason = reply.words }
        if case .overloaded = error { reason = "too many commands wait for Redis" }
        return Refusal(503, .unavailable, reason, headers: ["Retry-After": "1"])
    }
}
