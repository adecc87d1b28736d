import Events
import JSON

/// Events in the messages of topics: of a task's channel, a topic's and a user's.
enum TopicsDelivery {
    static func encode(_ delivery: Delivery, stamp: MessageStamp) -> [[UInt8]] {
        switch delivery.channel.kind {
        case .task: return [ofTask(delivery, stamp)]
        case .topic: return [ofTopic(delivery, stamp)]
        case .user, .team:
            guard let notification = NotificationContent(delivery) else { return [] }
            return [
                envelope("notification", delivery, stamp).encode {
                    notification.write(to: &$0, time: .number, withContent: true)
                }
            ]
        case .everyone: return []
        }
    }

    private static func envelope(
        _ type: StaticString, _ delivery: Delivery, _ stamp: MessageStamp, carriesFields: Bool = false
    ) -> TopicsEnvelope {
        TopicsEnvelope(
            type: .fixed(type), timestamp: delivery.time, messageID: TopicsMessageID(of: delivery, stamp: stamp),
            subscription: delivery.channel, delivery: delivery, carriesFields: carriesFields)
    }

    // MARK: Tasks

    /// Progress, completed and failed are a `status`; anything else is `data` with its own type inside.
    private static func ofTask(_ delivery: Delivery, _ stamp: MessageStamp) -> [UInt8] {
        let isStatus = delivery.event.isStateBearing
        let envelope = envelope(isStatus ? "status" : "data", delivery, stamp)
        return envelope.encode(capacity: delivery.event.body.bytes.count + 384) { writer in
            writer.beginObject()
            writer.key("entityType")
            writer.string("task")
            writer.key("entityId")
            writer.string(delivery.channel.id)
            let said = isStatus ? status(&writer, delivery) : type(&writer, delivery)
            writer.otherFields(of: delivery.event, except: said.union(delivery.fieldsOfThePast))
            writer.endObject()
        }
    }

    private static func status(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        writer.key("status")
        switch delivery.kind {
        case .completed: writer.string(StatusWord.completed.inTopics)
        case .failed: writer.string(StatusWord.failed.inTopics)
        case .progress, .stage, .other:
            writer.words(delivery.status(in: \.inTopics, default: StatusWord.processing.inTopics))
        }
        var said = entity.union(EventFieldSet(.status))
        if delivery.event.kind == .completed {
            writer.key("progress")
            writer.integer(100)
            said.formUnion(EventFieldSet(.progress))
        } else if delivery.isSnapshot, delivery.knowledge.progress != nil {
            writer.key("progress")
            delivery.writeProgress(to: &writer)
            said.formUnion(EventFieldSet(.progress))
        }
        return said.union(writer.remembered(of: delivery, stage: "currentStage"))
    }

    private static func type(_ writer: inout JSONWriter, _ delivery: Delivery) -> EventFieldSet {
        writer.key("type")
        if case .other(let type) = delivery.event.kind { writer.string(type) } else { writer.string("stage") }
        return entity.union(EventFieldSet(.type)).union(writer.remembered(of: delivery))
    }

    /// The task's identity, which Fantail sets.
    private static let entity = EventFieldSet(.entityType, .entityId)

    // MARK: Topics

    /// A `notification`, a `status` or `data` with an object under `data` becomes a message of that type, with its
    /// other fields beside it; any other event is `data` as a whole.
    private static func ofTopic(_ delivery: Delivery, _ stamp: MessageStamp) -> [UInt8] {
        let event = delivery.event
        guard case .other(let type) = event.kind, let data = event.object["data"], data.kind == .object else {
            return envelope("data", delivery, stamp).encode { write(event.object, to: &$0) }
        }
        switch type {
        case "notification":
            return envelope("notification", delivery, stamp, carriesFields: true).encode {
                writeNotification(data, event, to: &$0)
            }
        case "status":
            return envelope("status", delivery, stamp, carriesFields: true).encode { writeStatus(data, to: &$0) }
        case "data":
            return envelope("data", delivery, stamp, carriesFields: true).encode { writer in
                guard let object = data.object(JSONParser(maxBytes: EventLimits.maxEventBytes)) else {
                    return writer.value(data)
                }
                write(object, to: &writer)
            }
        default:
            return envelope("data", delivery, stamp).encode { write(event.object, to: &$0) }
        }
    }

    /// The object unchanged, without duplicate keys.
    private static func write(_ object: JSONObject, to writer: inout JSONWriter) {
        writer.beginObject()
        for field in object.fields { writer.field(field) }
        writer.endObject()
    }

    /// The data unchanged, with title, content and level always present.
    private static func writeNotification(_ data: JSONValue, _ event: Event, to writer: inout JSONWriter) {
        guard let object = data.object(JSONParser(maxBytes: EventLimits.maxEventBytes)) else {
            return writer.value(data)
        }
        let type = event.object["notification_type"]?.string ?? ""
        let words = NotificationWords([object, event.object], type: type)
        writer.beginObject()
        for field in object.fields where !NotificationWords.holds(field) { writer.field(field) }
        words.write(to: &writer)
        writer.endObject()
    }

    /// `status.status` is always present, in the words of topics.
    private static func writeStatus(_ data: JSONValue, to writer: inout JSONWriter) {
        guard let object = data.object(JSONParser(maxBytes: EventLimits.maxEventBytes)) else {
            return writer.value(data)
        }
        writer.beginObject()
        for field in object.fields where !field.hasKey("status") { writer.field(field) }
        writer.key("status")
        let word = object["status"]?.string ?? ""
        if let known = StatusWord(word) {
            writer.string(known.inTopics)
        } else if word.isEmpty {
            writer.string(StatusWord.processing.inTopics)
        } else {
            writer.string(word)
        }
        writer.endObject()
    }
}
