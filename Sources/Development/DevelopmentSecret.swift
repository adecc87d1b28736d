import Topology
package import EventLoop
public import RESP
package import Redis
public import Store

/// The secret of development tokens: kept in Redis, so that a second development node takes the same, and that the command
/// can make some; and in a file (``SecretFile``), so that a node that is started again takes them still.
public enum DevelopmentSecret {
    /// How often a node writes it back: a Redis that has lost its data has lost it, too.
    static let writeBackMilliseconds: UInt64 = 500
    /// How often, and how many milliseconds apart, the command looks for one: somewhat longer than a node takes.
    private static let readings = 4
    private static let readingMilliseconds = 300

    /// The secret that other nodes use; where there are none, `kept`, which a node of before used, else a new one. For nodes.
    package static func load(from location: RedisLocation, naming: Naming, kept: String?) async throws -> String {
        let key = key(naming)
        return try await RedisSession.with(location) { session in
            var generator = SystemRandomNumberGenerator()
            let fresh = kept ?? (0..<4).map { _ in String(generator.next(), radix: 36) }.joined()
            try await session.send(RedisCommand("SET", .key(key), .string(fresh), "NX"))
            guard let secret = try await session.send(RedisCommand("GET", .key(key))).string else {
                throw RedisError.reply(RedisReplyError(code: "ERR", message: "\(key) is not text"))
            }
            return secret
        }
    }

    /// The secret that a development node keeps there; nil where none does. Never makes one: no node would take its tokens.
    public static func read(from location: RedisLocation, naming: Naming) async throws -> String? {
        let key = key(naming)
        return try await RedisSession.with(location) { session in
            for reading in 1...readings {
                if let secret = try await session.send(RedisCommand("GET", .key(key))).string { return secret }
                if reading < readings { try await Task.sleep(for: .milliseconds(readingMilliseconds)) }
            }
            return nil
        }
    }

    /// Writes `secret` where none is kept, again and again.
    package static func keep(_ secret: String, in redis: any CommandBus, naming: Naming, on loop: EventLoop) {
        let command = RedisCommand("SET", .key(key(naming)), .string(secret), "NX")
        redis.send(command) { _ in }
        loop.every(milliseconds: writeBackMilliseconds) { [weak redis] in redis?.send(command) { _ in } }
    }

    private static func key(_ naming: Naming) -> String { naming.keyPrefix + ":{dev}:secret" }
}
