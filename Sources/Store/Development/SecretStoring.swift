package import RESP

/// Stores a secret of development tokens where Redis has none.
package struct SecretStoring: CommandRequest {
    package let command: RedisCommand
    package var name: String { "storing the secret of development tokens" }

    /// Stores `secret`, for the nodes of these prefixes.
    package init(_ secret: String, naming: Naming) {
        command = RedisCommand("SET", .key(naming.developmentSecretKey), .string(secret), "NX")
    }

    /// Whether Redis stored it; false where it had one already.
    package func reply(_ value: RedisValue) -> Bool? {
        switch value {
        case .status("OK"): true
        case .null: false
        default: nil
        }
    }
}
