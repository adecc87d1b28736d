/// The accepted signature algorithms (RFC 7518 3.1), without `none`.
enum Algorithm: String {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case es256 = "ES256"

    /// Whether `key` can sign tokens of this algorithm: a public key is never used as a secret.
    func fits(_ key: TokenKey) -> Bool {
        switch (key, self) {
        case (.secret, .hs256), (.secret, .hs384), (.secret, .hs512): true
        case (.publicKeyPEM, .rs256), (.publicKeyPEM, .es256): true
        default: false
        }
    }
}

extension TokenKey {
    /// The key's bytes.
    var bytes: [UInt8] {
        switch self {
        case .secret(let bytes), .publicKeyPEM(let bytes): bytes
        }
    }
}
