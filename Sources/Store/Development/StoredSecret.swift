package import RESP

/// Asks for the secret of development tokens.
package struct StoredSecret: CommandRequest {
    package let command: RedisCommand
    package var name: String { "the secret of development tokens" }

    /// What Redis holds.
    package struct Reply: Sendable, Equatable {
        /// The secret; nil where no node stored one.
        package let secret: String?
    }

    /// Asks for the secret of these prefixes.
    package init(_ naming: Naming) { command = RedisCommand("GET", .key(naming.developmentSecretKey)) }

    /// Nil where the value is no text.
    package func reply(_ value: RedisValue) -> Reply? {
        if value.isNull { return Reply(secret: nil) }
        guard case .bulk = value else { return nil }
        return value.string.map { Reply(secret: $0) }
    }
}
