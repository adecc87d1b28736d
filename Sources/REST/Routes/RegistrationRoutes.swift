import Events
import HTTP
import JSON
import RESP
import Settings
import Store

/// `/api/v1/tasks`: registers tasks before their first event.
struct RegistrationRoutes {
    let publisher: Publisher
    let upstreams: [UpstreamEndpoint]
    let limits: NodeLimits

    var routes: [Route] {
        [Route(.post, "/api/v1/tasks", .publish, takesBody: true, isRepeatable: true, register)]
    }

    nonisolated(nonsending) private func register(_ call: Call) async throws(Refusal) -> Response {
        let body = try RegistrationBody(
            JSONBody(call.request, limits: limits), limits: limits, upstreams: upstreams)
        let key = try call.idempotencyKey()
        // Without a third party to ask, no node would ever remove the task from the set.
        let isAsked = body.secrets.namesThirdParty && !upstreams.isEmpty && !body.event.event.isTerminal
        let receipt: PublishReceipt
        do {
            receipt = try await publisher.register(
                body, firstInquiryMilliseconds: isAsked ? limits.inquiries.pollMilliseconds : nil, idempotencyKey: key)
        } catch RedisError.reply(let reply) where reply.code == "EXISTS" {
            throw Refusal(409, .taskExists, "the task exists already")
        } catch {
            throw Refusal(error)
        }
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.position(receipt.position, of: body.task)
        writer.key("receivers")
        writer.integer(receipt.receivers)
        writer.endObject()
        return .json(writer.bytes, status: 201)
    }
}
