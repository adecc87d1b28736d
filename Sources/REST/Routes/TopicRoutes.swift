import Events
import Dialects
import HTTP
import JSON
import RESP
import Settings
import Store

/// `/api/v1/topics/{topic}/messages`
struct TopicRoutes {
    let publisher: Publisher
    let limits: NodeLimits

    var routes: [Route] {
        [
            Route(
                .post, "/api/v1/topics/{topic}/messages", .publish, takesBody: true, isRepeatable: true, publish)
        ]
    }

    /// Publishes to the topic's subscribers with exactly these params.
    nonisolated(nonsending) private func publish(_ call: Call) async throws(Refusal) -> Response {
        let body = try JSONBody(call.request, limits: limits)
        let name = try Self.name(call["topic"], body)
        let event = try Self.event(body, limits)
        let key = try call.idempotencyKey()
        do {
            return Self.answer(name, try await publisher.publish([event], to: name.channel, idempotencyKey: key))
        } catch {
            throw Refusal(error)
        }
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

    /// The message as an event of the topic's channel: with its time, and the fields that a publisher may set.
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
        for field in body.object.fields where !TopicEnvelopeFields.contains(field) { writer.field(field) }
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

    private static func answer(_ name: TopicName, _ receipt: PublishReceipt) -> Response {
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
