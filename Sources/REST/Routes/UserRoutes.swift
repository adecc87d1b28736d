import Events
import HTTP
import JSON
import RESP
import Redis
import Settings
import Store

/// `/api/v1/users/{id}/…`: notifies a user, and closes the user's connections.
struct UserRoutes {
    let publisher: Publisher
    let presence: PresenceReader
    let limits: NodeLimits
    /// The time of day, milliseconds since 1970.
    let now: () -> Int64
    /// The control message that makes a loop close a user's connections.
    let closing: (_ user: String) -> String

    var routes: [Route] {
        [
            Route(
                .post, "/api/v1/users/{id}/notifications", .publish, takesBody: true, isRepeatable: true, notify),
            Route(.delete, "/api/v1/users/{id}/connections", .admin, disconnect),
        ]
    }

    /// Notifies every connection of the user, on every node.
    nonisolated(nonsending) private func notify(_ call: Call) async throws(Refusal) -> Response {
        let user = try call.user()
        let notification = try Notification(JSONBody(call.request, limits: limits), now: now())
        guard notification.text.count <= limits.eventBytes else {
            throw Refusal(413, .tooLarge, "more than \(limits.eventBytes) bytes")
        }
        let key = try call.idempotencyKey()
        let sent: (id: Int64, receivers: Int64)
        do {
            sent = try await publisher.notify(user, notification, source: call.request.body, idempotencyKey: key)
        } catch {
            throw Refusal(error)
        }
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.key("id")
        writer.integer(sent.id)
        writer.key("receivers")
        writer.integer(sent.receivers)
        writer.endObject()
        return .json(writer.bytes, status: 202)
    }

    /// Closes every connection of the user, on every node.
    nonisolated(nonsending) private func disconnect(_ call: Call) async throws(Refusal) -> Response {
        let user = try call.user().text
        let connections = try await presence.disconnect(user, message: closing(user))
        return .json(Array(#"{"connections":\#(connections)}"#.utf8), status: 202)
    }
}
