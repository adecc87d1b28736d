import Access
import Events
import Dialects
import HTTP
import JSON
import RESP
import Redis
import Tasks

/// `/api/v1/tasks`
enum RegistrationRoutes {
    /// `POST`: registers a task before its first event.
    static func register(
        _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        try Caller.identify(request, core: core).require("publish")
        let configuration = core.shared.configuration
        let body = try RegistrationBody(
            JSONBody(request, limits: core.limits), limits: core.limits, upstreams: configuration.upstreams)
        let key = try TaskRoutes.idempotencyKey(request.head)
        let receipt: Publisher.Receipt
        do {
            receipt = try await store(body, idempotencyKey: key, core: core)
        } catch RedisError.reply(let reply) where reply.code == "EXISTS" {
            throw Refusal(409, .taskExists, "the task exists already")
        } catch {
            throw TaskRoutes.refusal(for: error)
        }
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.key("task_id")
        writer.string(body.task.text)
        writer.key("epoch")
        writer.string(receipt.position.epoch)
        writer.key("sequence")
        writer.unsigned(receipt.position.sequence)
        writer.key("receivers")
        writer.integer(receipt.receivers)
        writer.endObject()
        return .json(writer.bytes, status: 201)
    }

    private static func store(
        _ body: RegistrationBody, idempotencyKey: String?, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Publisher.Receipt {
        guard let runID = core.redis.runID else { throw core.redis.whyNotReady }
        let configuration = core.shared.configuration
        let naming = configuration.naming
        let channel = ChannelName.task(body.task)
        // Without a third party that is asked, nobody would ever take the task out of the set again.
        let isAsked = body.secrets.namesThirdParty && !configuration.upstreams.isEmpty && !body.event.event.isTerminal
        let publishing = PublishScript.arguments(
            runID: runID, limits: configuration.history, naming: naming, batch: [body.event])
        let reply = try await core.redis.run(
            RedisScripts.register,
            keys: RegistrationScript.keys(channel, naming: naming, idempotencyKey: idempotencyKey),
            arguments: RegistrationScript.arguments(
                channel, secrets: body.secrets,
                firstInquiryMilliseconds: isAsked ? core.limits.inquiries.pollMilliseconds : nil,
                naming: naming, publishing: publishing))
        return try Publisher.receipt(in: reply)
    }
}
