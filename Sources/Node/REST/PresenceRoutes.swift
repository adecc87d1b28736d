import Access
import Events
import Dialects
import HTTP
import JSON
import Presence
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
        let reply = try await ask(PresenceScripts.list, [cursor, "\(limit + 1)"], core: core)
        guard case .array(let fields) = reply, fields.count >= 2, let now = fields[0].integer,
            let count = fields[1].integer
        else { throw unexpected }
        let found = stride(from: 2, to: fields.count - 2, by: 3).compactMap { place in
            OnlineUser(
                id: fields[place].string, connections: fields[place + 1].integer, word: fields[place + 2].string,
                lastSeen: now)
        }
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

    /// `GET /api/v1/online/count`
    static func count(
        _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        _ = try Caller.identify(request, core: core)
        let count: Int64
        do {
            let command = RedisCommand("HLEN", .string(core.presence.keys.base + "u"))
            count = try await core.redis.send(command).integer ?? 0
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
        let reply = try await ask(PresenceScripts.status, [user.text], core: core)
        guard case .array(let fields) = reply, fields.count >= 2, let now = fields[0].integer,
            let connections = fields[1].integer
        else { throw unexpected }
        let seen = fields.count > 3 ? fields[3].score : nil
        let word = fields.count > 2 ? fields[2].string : nil
        let found = OnlineUser(
            id: user.text, connections: connections, word: word, lastSeen: connections > 0 ? now : seen)
        guard let found else { throw unexpected }
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
        let reply = try await ask(
            PresenceScripts.disconnect, [user.text, ControlMessage.close(user: user.text).text], core: core)
        return .json(Array(#"{"connections":\#(reply.integer ?? 0)}"#.utf8), status: 202)
    }

    static func ask(
        _ script: RedisScript, _ arguments: [String], core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> RedisValue {
        do {
            return try await core.redis.run(
                script, keys: [core.presence.keys.base], arguments: arguments.map { Array($0.utf8) })
        } catch {
            throw TaskRoutes.refusal(for: error)
        }
    }

    static var unexpected: Refusal { Refusal(500, .unavailable, "unexpected reply of a presence script") }

    private static func pageSize(_ text: String?) throws(Refusal) -> Int {
        guard let text else { return defaultPage }
        guard let limit = Int(text), (1...maxPage).contains(limit) else {
            throw Refusal(400, .badRequest, "limit must be a number from 1 to \(maxPage)")
        }
        return limit
    }

    private static func cursor(_ text: String?) throws(Refusal) -> String {
        guard let text, !text.isEmpty else { return "" }
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

    init?(id: String?, connections: Int64?, word: String?, lastSeen: Int64?) {
        guard let id, let connections else { return nil }
        self.id = id
        self.connections = connections
        self.word = word
        self.lastSeen = lastSeen
    }

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
