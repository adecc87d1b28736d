import Dialects
import Events
import JSON

/// A notification as Redis carries it: with id and time, in one form for both forms of requests.
struct Notification {
    let id: Int64
    let text: [UInt8]

    /// Reads `{notification_type, title?, message?, data?, link?}`, or the same complete under `data`.
    init(_ body: JSONBody, now: Int64) throws(Refusal) {
        let data = try body.object("data")
        let found = NotificationFields(of: body.object)
        let fields = found.object
        guard let type = try body.string("notification_type") ?? data?["type"]?.string, !type.isEmpty else {
            throw JSONBody.refusal("notification_type is missing")
        }
        for key: StaticString in ["title", "message", "link"] {
            guard let value = fields[key], !value.isNull, value.kind != .string else { continue }
            throw JSONBody.refusal("\(key) must be a string")
        }
        id = found.id ?? Self.makeID(now: now)
        text = Self.write(type, id: id, fields, now: now)
    }

    private static func write(_ type: String, id: Int64, _ fields: JSONObject, now: Int64) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("type")
        writer.string("notification")
        writer.key("notification_type")
        writer.string(type)
        writer.key("id")
        writer.integer(id)
        writer.key("created_at")
        if let time = fields["created_at"], !time.isNull { writer.value(time) } else { writer.integer(now) }
        let written = ["type", "notification_type", "id", "created_at"]
        for field in fields.fields where !written.contains(String(decoding: field.rawKey, as: UTF8.self)) {
            writer.field(field)
        }
        writer.endObject()
        return writer.bytes
    }

    /// Milliseconds and ten random bits: an integer that JavaScript holds exactly until the year 2248.
    private static func makeID(now: Int64) -> Int64 { now * 1024 + Int64.random(in: 0..<1024) }
}
