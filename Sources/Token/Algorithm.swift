/// The signature algorithms that are accepted (RFC 7518 3.1); `none` is none of them.
enum Algorithm: String {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case es256 = "ES256"

    /// Whether tokens of this algorithm may be signed with `key`: a public key is never taken for a secret.
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
