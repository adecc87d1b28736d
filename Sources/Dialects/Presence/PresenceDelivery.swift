import Events
import JSON

/// Messages to a user or to everyone, in the messages of presence. Events of tasks and topics have none.
enum PresenceDelivery {
    static func encode(_ delivery: Delivery) -> [[UInt8]] {
        guard delivery.channel.isPersonal, case .other(let type) = delivery.event.kind else { return [] }
        switch type {
        case "notification": return NotificationContent(delivery).map { [notification($0, delivery.time)] } ?? []
        case "chat": return [chat(delivery)]
        case "user_status": return [message("user_status") { userStatus(delivery, to: &$0) }]
        case "typing": return [message("typing") { copy(["is_typing", "context"], of: delivery, to: &$0) }]
        case "presence": return [message("presence") { copy(["status", "data"], of: delivery, to: &$0) }]
        default: return [own(type, delivery)]
        }
    }

    /// The end of a task, as a notification to its owner.
    static func taskEnded(_ delivery: Delivery) -> [[UInt8]] {
        let event = delivery.event
        let id = delivery.channel.id
        switch event.kind {
        case .completed:
            return [ended("task_completed", "Task completed", "The task \(id) is complete.", "result", delivery)]
        case .failed:
            let reason = event.failure?.message ?? Failure.defaultMessage
            return [ended("task_failed", "Task failed", "The task \(id) has failed: \(reason)", "error", delivery)]
        case .progress, .stage, .other:
            return []
        }
    }

    /// `{"type":…,"data":{…}}`
    private static func message(_ type: StaticString, data: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.type(.fixed(type))
        writer.key("data")
        writer.beginObject()
        data(&writer)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    private static func userStatus(_ delivery: Delivery, to writer: inout JSONWriter) {
        copy(["status"], of: delivery, to: &writer)
        writer.secondsTimestamp(delivery.time)
    }

    /// The user whom a message is about, then some of its fields unchanged.
    private static func copy(_ keys: [StaticString], of delivery: Delivery, to writer: inout JSONWriter) {
        writer.key("user_id")
        writer.userID(id("user_id", in: delivery.event.object))
        for key in keys {
            guard let value = delivery.event.object[key] else { continue }
            writer.key(key)
            writer.value(value)
        }
    }

    private static func id(_ key: StaticString, in object: JSONObject) -> String {
        object[key]?.string ?? object[key]?.integer?.description ?? ""
    }

    private static func chat(_ delivery: Delivery) -> [UInt8] {
        let object = delivery.event.object
        var writer = JSONWriter(capacity: object.bytes.count + 128)
        writer.beginObject()
        writer.type(.fixed("chat"))
        writer.key("data")
        writer.beginObject()
        writer.key("from_user_id")
        writer.userID(id("from_user_id", in: object))
        writer.key("from_username")
        writer.string(object["from_username"]?.string ?? id("from_user_id", in: object))
        writer.key("message")
        writer.string(object["message"]?.string ?? "")
        writer.secondsTimestamp(delivery.time)
        writer.endObject()
        writer.secondsTimestamp(delivery.time)
        writer.endObject()
        return writer.bytes
    }

    private static func notification(_ notification: NotificationContent, _ time: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.type(.fixed("notification"))
        writer.key("notification_type")
        writer.string(notification.type)
        writer.key("data")
        notification.write(to: &writer, time: .seconds)
        writer.secondsTimestamp(time)
        writer.endObject()
        return writer.bytes
    }

    private static func ended(
        _ type: StaticString, _ title: StaticString, _ message: String, _ field: StaticString, _ delivery: Delivery
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: delivery.event.body.bytes.count + 384)
        writer.beginObject()
        writer.type(.fixed("notification"))
        writer.key("notification_type")
        writer.string(type)
        writer.key("data")
        writer.beginObject()
        writer.key("id")
        writer.integer(NotificationContent.id(of: delivery))
        writer.key("type")
        writer.string(type)
        writer.key("title")
        writer.string(title)
        writer.key("message")
        writer.string(message)
        writer.key("data")
        writer.beginObject()
        writer.key("task_id")
        writer.string(delivery.channel.id)
        if let value = delivery.event.body[field] {
            writer.key(field)
            writer.value(value)
        }
        writer.endObject()
        writer.key("link")
        writer.null()
        writer.key("created_at")
        writer.string(ascii: ISO8601.seconds(delivery.time))
        writer.endObject()
        writer.secondsTimestamp(delivery.time)
        writer.endObject()
        return writer.bytes
    }

    /// A type of the application's own.
    private static func own(_ type: String, _ delivery: Delivery) -> [UInt8] {
        var writer = JSONWriter(capacity: delivery.event.object.bytes.count + 128)
        writer.beginObject()
        writer.type(.text(type))
        writer.key("data")
        writer.beginObject()
        for field in delivery.event.object.fields where !field.hasKey("type") && !field.hasKey("timestamp") {
            writer.field(field)
        }
        writer.endObject()
        writer.secondsTimestamp(delivery.time)
        writer.endObject()
        return writer.bytes
    }
}
