import Topology
import RESP
public import Settings
import Store

/// Reads the users online directly from Redis, for the command.
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

    /// Users in one command.
    private static let page = 1_000

    /// The number of users online.
    public static func count(_ configuration: Configuration) async throws -> Int64 {
        try await RedisSession.with(configuration.redis ?? .local, readsReplicas: true) { session in
            var counts: [Int64] = []
            for keys in PresenceBuckets(configuration.naming, areSpread: await session.isSpread).all {
                counts.append(try await session.send(OnlineCount(keys: keys)))
            }
            return counts.onlineSum
        }
    }

    /// Every user online, each once, in the order of their ids' bytes.
    public static func all(_ configuration: Configuration, _ body: @Sendable (User) -> Void) async throws {
        try await RedisSession.with(
            configuration.redis ?? .local, scripts: [ListUsersScript.script], readsReplicas: true
        ) { session in
            let buckets = PresenceBuckets(configuration.naming, areSpread: await session.isSpread).all
            var last: String?
            while true {
                var pages: [ListUsersScript.Page] = []
                for keys in buckets {
                    pages.append(try await session.run(ListUsersScript(after: last, count: page, keys: keys)))
                }
                let found = ListUsersScript.Page(of: pages, count: page).users
                for user in found {
                    body(User(id: user.id, connections: user.connections, status: user.status ?? "online"))
                }
                guard found.count >= page else { return }
                last = found.last?.id
            }
        }
    }
}
