import Access
import Events
import Dialects
import HTTP
import JSON
import RESP
import Redis
import Store

/// `/api/v1/users/{id}/notifications`
enum NotificationRoutes {
    /// `POST`: to every connection of the user, on every node.
    static func notify(
        _ id: String, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        try Caller.identify(request, core: core).require("publish")
        guard let user = Identifier(id) else {
            throw JSONBody.refusal("a user's id is \(Identifier.rule)")
        }
        let notification = try Notification(JSONBody(request, limits: core.limits), now: WallClock.now)
        guard notification.text.count <= core.limits.eventBytes else {
            throw Refusal(413, .tooLarge, "more than \(core.limits.eventBytes) bytes")
        }
        let sent = try await send(notification, to: user, request, core: core)
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.key("id")
        writer.integer(sent.id)
        writer.key("receivers")
        writer.integer(sent.receivers)
        writer.endObject()
        return .json(writer.bytes, status: 202)
    }

    /// Publishes it; once, where the request has a name. Answers the notification's id, and how many loops got it.
    private static func send(
        _ notification: Notification, to user: Identifier, _ request: Request, core: LoopCore,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> (id: Int64, receivers: Int64) {
        let naming = core.shared.configuration.naming
        let name = try TaskRoutes.idempotencyKey(request.head)
        do throws(RedisError) {
            guard let name else {
                let channel = naming.channel(ChannelName.user(user).text)
                let command = RedisCommand("PUBLISH", .string(channel), .bytes(notification.text))
                return (notification.id, try await core.redis.send(command).integer ?? 0)
            }
            let receipt = try await core.redis.run(
                NotificationScript(
                    notification.text, id: notification.id, source: request.body, to: user, name: name,
                    naming: naming))
            return (receipt.id, receipt.receivers)
        } catch {
            throw TaskRoutes.refusal(for: error)
        }
    }
}

/// A notification as it travels through Redis: with id and time, in one form whichever it came in.
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
