public import RedisClient
public import Tasks

/// The secret of development tokens: kept in Redis, so that a second development node takes the same.
public enum DevelopmentSecret {
    /// The secret that is kept, made on first use.
    public static func load(from endpoint: RedisEndpoint, naming: Naming) async throws -> String {
        let key = naming.keyPrefix + ":{dev}:secret"
        return try await RedisSession.with(endpoint) { session in
            var generator = SystemRandomNumberGenerator()
            let fresh = (0..<4).map { _ in String(generator.next(), radix: 36) }.joined()
            try await session.send(RedisCommand("SET", .string(key), .string(fresh), "NX"))
            guard let secret = try await session.send(RedisCommand("GET", .string(key))).string else {
                throw RedisError.reply(RedisReplyError(code: "ERR", message: "\(key) is not text"))
            }
            return secret
        }
    }
}
