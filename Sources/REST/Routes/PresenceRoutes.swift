import Dialects
import Events
import HTTP
import JSON
import Store

/// `/api/v1/online`, `/api/v1/status/…`: who is online, the same from every node (ops/dialects.md).
struct PresenceRoutes {
    /// Users in one page, by default and at most.
    private static let defaultPage = 100
    private static let maxPage = 1_000

    let presence: PresenceReader

    var routes: [Route] {
        [
            Route(.get, "/api/v1/online", .any, online),
            Route(.get, "/api/v1/online/count", .any, count),
            Route(.get, "/api/v1/status/{user_id}", .any, status),
        ]
    }

    /// `?limit&cursor`: each user once, in the order of their ids' bytes.
    nonisolated(nonsending) private func online(_ call: Call) async throws(Refusal) -> Response {
        let limit = try Self.pageSize(call.query["limit"])
        let cursor = try Self.cursor(call.query["cursor"])
        // One more than a page holds, which tells whether there is a next one.
        let page = try await presence.users(after: cursor, count: limit + 1)
        let found = page.users.map {
            OnlineUser(id: $0.id, connections: $0.connections, word: $0.status, lastSeen: page.milliseconds)
        }
        return Self.page(of: found, limit: limit, count: page.online)
    }

    private static func page(of found: [OnlineUser], limit: Int, count: Int64) -> Response {
        let users = found.prefix(limit)
        var writer = JSONWriter(capacity: 128 + users.count * 128)
        writer.beginObject()
        writer.key("online_count")
        writer.integer(count)
        writer.key("users")
        writer.beginArray()
        for user in users { user.write(to: &writer) }
        writer.endArray()
        if found.count > limit, let last = users.last {
            writer.key("next_cursor")
            writer.string(last.id)
        }
        writer.endObject()
        return .json(writer.bytes)
    }

    nonisolated(nonsending) private func count(_ call: Call) async throws(Refusal) -> Response {
        .json(Array(#"{"online_count":\#(try await presence.onlineCount())}"#.utf8))
    }

    nonisolated(nonsending) private func status(_ call: Call) async throws(Refusal) -> Response {
        let user = try call.user("user_id")
        let status = try await presence.status(of: user.text)
        let found = OnlineUser(
            id: user.text, connections: status.connections, word: status.status,
            lastSeen: status.connections > 0 ? status.milliseconds : status.lastSeen)
        var writer = JSONWriter(capacity: 160)
        found.write(to: &writer)
        return .json(writer.bytes)
    }

    private static func pageSize(_ text: String?) throws(Refusal) -> Int {
        guard let text else { return defaultPage }
        guard let limit = Int(text), (1...maxPage).contains(limit) else {
            throw Refusal(400, .badRequest, "limit must be a number from 1 to \(maxPage)")
        }
        return limit
    }

    private static func cursor(_ text: String?) throws(Refusal) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard let user = Identifier(text) else {
            throw Refusal(400, .badRequest, "the cursor is not a next_cursor of an earlier answer")
        }
        return user.text
    }
}

/// A user in REST.
private struct OnlineUser {
    let id: String
    let connections: Int64
    let word: String?
    let lastSeen: Int64?

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("user_id")
        writer.userID(id)
        writer.key("online")
        writer.bool(connections > 0)
        writer.key("last_seen")
        if let lastSeen { writer.string(Timestamp.secondsText(lastSeen)) } else { writer.null() }
        writer.key("connections_count")
        writer.integer(connections)
        writer.key("status")
        writer.string(connections > 0 ? word ?? "online" : "offline")
        writer.endObject()
    }
}
