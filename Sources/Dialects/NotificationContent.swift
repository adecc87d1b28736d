import Base
import Events
import JSON

/// A notification, read from an event in either of its forms: flat, or complete under `data`. Fields that clients read
/// unchecked are always present.
struct NotificationContent {
    /// The name and format of a notification's time.
    enum Time {
        /// `createdAt`, ISO 8601 with milliseconds.
        case text
        /// `createdAt`, milliseconds since the epoch.
        case number
        /// `created_at`, ISO 8601 with whole seconds.
        case seconds
    }

    let type: String
    let words: NotificationWords
    let id: Int64
    let createdAt: Int64
    private let link: JSONValue?
    private let data: JSONValue?
    private let others: [JSONField]

    /// The notification in an event; nil when it is none.
    init?(_ delivery: Delivery) {
        guard delivery.event.kind == .other("notification") else { return nil }
        let object = delivery.event.object
        let found = NotificationFields(of: object)
        let fields = found.object
        let innerType = found.isInner ? fields["type"] : nil
        type = [object["notification_type"], innerType].compactMap(NotificationWords.text).first ?? "notification"
        words = NotificationWords([fields], type: type)
        id = found.id ?? Self.hash(object.bytes)
        let times = [fields, object].flatMap { [$0["created_at"], $0["createdAt"]] }
        createdAt = times.lazy.compactMap { $0.flatMap(Timestamp.milliseconds) }.first ?? delivery.time
        link = fields["link"].flatMap { $0.kind == .string ? $0 : nil }
        data = fields["data"].flatMap { $0.isNull ? nil : $0 }
        others = fields.fields.filter { field in
            !Self.known.contains { field.hasKey($0) }
        }
    }

    /// Fields that Fantail writes itself, or that the envelope carries.
    private static let known: [StaticString] = [
        "type", "notification_type", "id", "title", "message", "content", "level", "data", "link", "created_at",
        "createdAt", "timestamp", "ack",
    ]

    /// The event as a number: the same for every connection of every node, and exact in JavaScript.
    private static func hash(_ bytes: [UInt8]) -> Int64 {
        Int64(FNV1a.hash64(bytes) & NotificationFields.maxInteger)
    }

    /// The id of the notification of a task's end.
    static func id(of delivery: Delivery) -> Int64 {
        let place = delivery.position.map { ":\($0.epoch):\($0.sequence)" } ?? ""
        return hash(Array((delivery.channel.text + place).utf8))
    }

    /// The notification as an object. `withContent`: its message also as `content`, and always a level.
    func write(to writer: inout JSONWriter, time: Time, withContent: Bool = false) {
        writer.beginObject()
        writer.key("id")
        writer.integer(id)
        writer.key("type")
        writer.string(type)
        if withContent { words.write(to: &writer) } else { words.writePlain(to: &writer) }
        if let data {
            writer.key("data")
            writer.value(data)
        }
        for field in others { writer.field(field) }
        writer.key("link")
        if let link { writer.value(link) } else { writer.null() }
        write(time, to: &writer)
        writer.endObject()
    }

    private func write(_ time: Time, to writer: inout JSONWriter) {
        switch time {
        case .text:
            writer.key("createdAt")
            writer.string(ascii: ISO8601.bytes(createdAt))
        case .number:
            writer.key("createdAt")
            writer.integer(createdAt)
        case .seconds:
            writer.key("created_at")
            writer.string(ascii: ISO8601.seconds(createdAt))
        }
    }
}
