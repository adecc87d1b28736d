import JSON

/// A notification, read from an event in either of its forms: flat, or complete under `data` (RULES 30). What clients read
/// without looking is always there.
struct NotificationContent {
    /// Whose words its fields are written in.
    enum Form {
        case jobs, tasks, presence, topics
    }

    let id: Int64
    let type: String
    let title: String
    let message: String
    let level: String
    let createdAt: Int64
    let link: JSONValue?
    let data: JSONValue?
    private let others: [JSONField]

    /// The notification that an event is; nil when it is none.
    init?(_ delivery: Delivery) {
        guard delivery.event.kind == .other("notification") else { return nil }
        let object = delivery.event.object
        let parser = JSONParser(maxBytes: DialectLimits.maxEventBytes)
        let inner = object["data"]?.object(parser)
        // Complete under `data` where the words are there and not beside it.
        let hasWords = object["title"] != nil || object["message"] != nil || object["content"] != nil
        let innerHasWords = inner?["title"] != nil || inner?["message"] != nil || inner?["content"] != nil
        let fields = !hasWords && innerHasWords ? inner ?? object : object
        let isInner = !hasWords && innerHasWords

        type = object["notification_type"]?.string ?? (isInner ? fields["type"]?.string : nil) ?? "notification"
        let words = [fields["message"], fields["content"]].compactMap { $0?.string }.first { !$0.isEmpty }
        let heading = fields["title"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        title = heading ?? Self.words(of: type)
        message = words ?? heading ?? Self.words(of: type)
        id = fields["id"]?.integer.flatMap { $0.magnitude <= Self.maxInteger ? $0 : nil } ?? Self.hash(object.bytes)
        level = fields["level"]?.string ?? "info"
        createdAt = fields["created_at"].flatMap(Timestamp.milliseconds) ?? delivery.time
        link = fields["link"].flatMap { $0.kind == .string ? $0 : nil }
        data = fields["data"].flatMap { $0.isNull ? nil : $0 }
        others = fields.fields.filter { field in
            !Self.known.contains { field.hasKey($0) }
        }
    }

    /// The largest integer that JavaScript holds exactly.
    private static let maxInteger: UInt64 = 9_007_199_254_740_991

    private static let known: [StaticString] = [
        "type", "notification_type", "id", "title", "message", "content", "data", "link", "created_at", "timestamp",
        "level", "ack",
    ]

    /// `new_follower` as `New follower`.
    private static func words(of type: String) -> String {
        let words = type.split(separator: "_").joined(separator: " ")
        return words.isEmpty ? "Notification" : words.prefix(1).uppercased() + words.dropFirst()
    }

    /// FNV-1a of the event: the same for every connection of every node, and an integer that JavaScript holds exactly.
    private static func hash(_ bytes: [UInt8]) -> Int64 {
        let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int64(hash & maxInteger)
    }

    /// The id of the notification that a task's end is.
    static func id(of delivery: Delivery) -> Int64 {
        let place = delivery.position.map { ":\($0.epoch):\($0.sequence)" } ?? ""
        return hash(Array((delivery.channel.text + place).utf8))
    }

    /// The notification as an object.
    func write(to writer: inout JSONWriter, as form: Form) {
        writer.beginObject()
        writer.key("id")
        writer.integer(id)
        writer.key("type")
        writer.string(type)
        writer.key("title")
        writer.string(title)
        writer.key(form == .topics ? "content" : "message")
        writer.string(message)
        if form == .topics {
            writer.key("message")
            writer.string(message)
            writer.key("level")
            writer.string(level)
        }
        if let data {
            writer.key("data")
            writer.value(data)
        }
        for field in others { writer.field(field) }
        writer.key("link")
        if let link { writer.value(link) } else { writer.null() }
        writeTime(to: &writer, as: form)
        writer.endObject()
    }

    private func writeTime(to writer: inout JSONWriter, as form: Form) {
        writer.key(form == .presence ? "created_at" : "createdAt")
        switch form {
        case .jobs: writer.string(ascii: ISO8601.bytes(createdAt))
        case .presence: writer.string(ascii: ISO8601.seconds(createdAt))
        case .tasks, .topics: writer.integer(createdAt)
        }
    }
}
