import Topology
package import EventLoop
public import RESP
package import Redis
public import Store

/// The secret of development tokens. Redis keeps it, so that all development nodes accept the same tokens and the
/// command can make some; a file keeps it (``SecretFile``), so that a restarted node still accepts them.
public enum DevelopmentSecret {
    /// How often a node writes it back: a Redis that lost its data lost the secret, too.
    static let writeBackMilliseconds: UInt64 = 500
    /// How often, and how many milliseconds apart, the command reads it: somewhat longer than a node takes to write it.
    private static let readings = 4
    private static let readingMilliseconds = 300

    /// The secret of other nodes; where there are none, `kept`, an earlier node's, else a new one. For nodes.
    package static func load(from location: RedisLocation, naming: Naming, kept: String?) async throws -> String {
        try await RedisSession.with(location) { session in
            var generator = SystemRandomNumberGenerator()
            let fresh = kept ?? (0..<4).map { _ in String(generator.next(), radix: 36) }.joined()
            try await session.send(SecretStoring(fresh, naming: naming))
            // None where Redis lost its data since: the node writes its own secret back.
            return try await session.send(StoredSecret(naming)).secret ?? fresh
        }
    }

    /// The secret that a development node stores; nil where none does. Makes none: no node would accept its tokens.
    public static func read(from location: RedisLocation, naming: Naming) async throws -> String? {
        try await RedisSession.with(location) { session in
            for reading in 1...readings {
                if let secret = try await session.send(StoredSecret(naming)).secret { return secret }
                if reading < readings { try await Task.sleep(for: .milliseconds(readingMilliseconds)) }
            }
            return nil
        }
    }

    /// Writes `secret` at intervals, where Redis has none.
    package static func keep(_ secret: String, in redis: any CommandBus, naming: Naming, on loop: EventLoop) {
        let storing = SecretStoring(secret, naming: naming)
        redis.send(storing) { _ in }
        loop.every(milliseconds: writeBackMilliseconds) { [weak redis] in redis?.send(storing) { _ in } }
    }
}
