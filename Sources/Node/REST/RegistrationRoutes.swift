import Access
import Events
import Dialects
import HTTP
import JSON
import RESP
import Redis
import Store

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
        try await enter(channel, body.secrets, isAsked: isAsked, core: core)
        let publishing = PublishArguments(
            [body.event], to: channel, runID: runID, limits: configuration.history, naming: naming)
        return try await core.redis.run(
            RegistrationScript(
                channel, secrets: body.secrets, publishing: publishing, naming: naming,
                idempotencyKey: idempotencyKey))
    }

    /// Enters the task where nodes look for what is due: first, since a task that is registered must not be forgotten, and one
    /// that is entered and was not registered is dropped by the node that takes it. These sets have other hash slots than the
    /// task.
    private static func enter(
        _ channel: ChannelName, _ secrets: RegistrationScript.Secrets, isAsked: Bool, core: LoopCore,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) {
        let configuration = core.shared.configuration
        let naming = configuration.naming
        let name = naming.channel(channel.text)
        if isAsked {
            let poll = core.limits.inquiries.pollMilliseconds
            try await core.redis.run(EnterDueScript(name, milliseconds: poll, in: .inquiries(naming)))
        }
        if !secrets.isEmpty {
            let look = KeepSecretsScript.firstLook(configuration.history)
            try await core.redis.run(EnterDueScript(name, milliseconds: look, in: .secrets(naming)))
        }
    }
}
