import Access
import Events
import Dialects
import HTTP
import JSON
import Store
import RESP
import Redis

/// `/api/v1/online`, `/api/v1/status/…`: who is online, the same from every node (ops/dialects.md).
enum PresenceRoutes {
    /// Users in one page, by default and at most.
    static let defaultPage = 100
    static let maxPage = 1_000

    /// `GET /api/v1/online?limit&cursor`: each user once, in the order of their ids' bytes.
    static func online(
        _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        _ = try Caller.identify(request, core: core)
        let limit = try pageSize(request.head.query["limit"])
        let cursor = try cursor(request.head.query["cursor"])
        // One more than a page holds: whether there is a next one.
        let page = try await ask(
            ListUsersScript(after: cursor, count: limit + 1, keys: core.presence.keys), core: core)
        let found = page.users.map {
            OnlineUser(id: $0.id, connections: $0.connections, word: $0.status, lastSeen: page.milliseconds)
        }
        let users = found.prefix(limit)
        var writer = JSONWriter(capacity: 128 + users.count * 128)
        writer.beginObject()
        writer.key("online_count")
        writer.integer(page.online)
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

    /// `GET /api/v1/online/count`
    static func count(
        _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        _ = try Caller.identify(request, core: core)
        let count: Int64
        do {
            count = try await core.redis.send(OnlineCount(keys: core.presence.keys))
        } catch {
            throw TaskRoutes.refusal(for: error)
        }
        return .json(Array(#"{"online_count":\#(count)}"#.utf8))
    }

    /// `GET /api/v1/status/{user_id}`
    static func status(
        of id: String, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        _ = try Caller.identify(request, core: core)
        let user = try identifier(id)
        let status = try await ask(UserStatusScript(of: user.text, keys: core.presence.keys), core: core)
        let found = OnlineUser(
            id: user.text, connections: status.connections, word: status.status,
            lastSeen: status.connections > 0 ? status.milliseconds : status.lastSeen)
        var writer = JSONWriter(capacity: 160)
        found.write(to: &writer)
        return .json(writer.bytes)
    }

    /// `DELETE /api/v1/users/{id}/connections`: closes them, on every node.
    static func disconnect(
        _ id: String, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        try Caller.identify(request, core: core).require("admin")
        let user = try identifier(id)
        let message = ControlMessage.close(user: user.text).text
        let connections = try await ask(
            DisconnectScript(user.text, message: message, keys: core.presence.keys), core: core)
        return .json(Array(#"{"connections":\#(connections)}"#.utf8), status: 202)
    }

    static func ask<Script: ScriptRequest>(
        _ script: Script, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Script.Reply {
        do { return try await core.redis.run(script) } catch { throw TaskRoutes.refusal(for: error) }
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
        guard let user = Identifier(text) else { throw Refusal(400, .badRequest, "the cursor is none of ours") }
        return user.text
    }

    private static func identifier(_ text: String) throws(Refusal) -> Identifier {
        guard let identifier = Identifier(text) else {
            throw JSONBody.refusal("a user's id is \(Identifier.rule)")
        }
        return identifier
    }
}

/// A user as REST shows one.
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
