import Access
import Events
import Dialects
import HTTP
import JSON
import RESP
import Redis
import Store

/// `/api/v1/topics/{topic}/messages`
enum TopicRoutes {
    /// `POST`: to who is subscribed to the topic with exactly these params.
    static func publish(
        to topic: String, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        try Caller.identify(request, core: core).require("publish")
        let body = try JSONBody(request, limits: core.limits)
        let name = try self.name(topic, body)
        let event = try self.event(body, core.limits)
        let key = try TaskRoutes.idempotencyKey(request.head)
        let receipt: Publisher.Receipt
        do {
            receipt = try await Publisher.publish([event], to: name.channel, idempotencyKey: key, core: core)
        } catch {
            throw TaskRoutes.refusal(for: error)
        }
        return answer(name, receipt)
    }

    private static func name(_ topic: String, _ body: JSONBody) throws(Refusal) -> TopicName {
        let name: TopicName
        do {
            name = try TopicName(topic, params: body.object("params"))
        } catch let fault as Fault {
            throw JSONBody.refusal(fault.message)
        } catch {
            throw error as? Refusal ?? JSONBody.refusal("\(error)")
        }
        guard topic != TopicName.taskTopic else {
            throw JSONBody.refusal("the topic task is reserved; publish to /api/v1/tasks/{id}/events")
        }
        return name
    }

    /// The message as an event of the topic's channel: with its time, and with what else is said that is not ours to say.
    private static func event(_ body: JSONBody, _ limits: NodeLimits) throws(Refusal) -> (json: [UInt8], event: Event) {
        let type = try body.string("type") ?? "data"
        guard ["notification", "status", "data"].contains(type) else {
            throw JSONBody.refusal("type must be notification, status or data")
        }
        guard let data = try body.object("data") else { throw JSONBody.refusal("data is missing") }
        var writer = JSONWriter(capacity: body.object.bytes.count + 64)
        writer.beginObject()
        writer.key("type")
        writer.string(type)
        writer.key("data")
        writer.raw(data.bytes)
        if let time = body.object["timestamp"] {
            writer.key("timestamp")
            writer.value(time)
        }
        for field in body.object.fields where !TopicsDialect.isOurs(field) { writer.field(field) }
        if let ack = body.object["ack"] {
            guard let needed = ack.bool else { throw JSONBody.refusal("ack must be true or false") }
            if needed {
                writer.key("ack")
                writer.bool(true)
            }
        }
        writer.endObject()
        guard writer.bytes.count <= limits.eventBytes else {
            throw Refusal(413, .tooLarge, "more than \(limits.eventBytes) bytes")
        }
        do {
            let object = try body.parser.object(writer.bytes)
            return (writer.bytes, try Event(object, parser: body.parser, isOfTask: false))
        } catch let error as EventError {
            throw JSONBody.refusal(error.message)
        } catch {
            throw JSONBody.refusal("\(error)")
        }
    }

    private static func answer(_ name: TopicName, _ receipt: Publisher.Receipt) -> Response {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.key("topic")
        writer.string(name.topic)
        writer.key("epoch")
        writer.string(receipt.position.epoch)
        writer.key("sequence")
        writer.unsigned(receipt.position.sequence)
        writer.key("receivers")
        writer.integer(receipt.receivers)
        writer.endObject()
        return .json(writer.bytes)
    }
}
