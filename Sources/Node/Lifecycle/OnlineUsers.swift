import Presence
import RESP
import Redis
import Events
import Tasks

/// Who is online, read from Redis directly: for the command.
public enum OnlineUsers {
    /// One user.
    public struct User: Sendable {
        /// The user's id.
        public let id: String
        /// WebSockets on all nodes.
        public let connections: Int64
        /// `online`, `away` or `busy`.
        public let status: String
    }

    /// Users in one question.
    private static let page = 1_000

    /// How many users are online.
    public static func count(_ configuration: Configuration) async throws -> Int64 {
        try await RedisSession.with(configuration.redis ?? .local, readsReplicas: true) { session in
            let key = PresenceKeys(configuration.naming).base + "u"
            return try await session.send(RedisCommand("HLEN", .string(key))).integer ?? 0
        }
    }

    /// Every user online, each once, in the order of their ids' bytes.
    public static func all(_ configuration: Configuration, _ body: @Sendable (User) -> Void) async throws {
        let base = PresenceKeys(configuration.naming).base
        try await RedisSession.with(
            configuration.redis ?? .local, scripts: [PresenceScripts.list], readsReplicas: true
        ) { session in
            var cursor = ""
            while true {
                let arguments = [cursor, "\(page)"].map { Array($0.utf8) }
                let reply = try await session.run(PresenceScripts.list, keys: [base], arguments: arguments)
                guard case .array(let fields) = reply else { return }
                var last: String?
                for place in stride(from: 2, to: fields.count - 2, by: 3) {
                    guard let id = fields[place].string else { continue }
                    last = id
                    body(
                        User(
                            id: id, connections: fields[place + 1].integer ?? 0,
                            status: fields[place + 2].string ?? "online"))
                }
                guard fields.count >= 2 + 3 * page, let last else { return }
                cursor = last
            }
        }
    }
}
