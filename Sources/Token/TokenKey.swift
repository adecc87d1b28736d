/// A key that may sign tokens.
public enum TokenKey: Sendable, Equatable {
    /// A shared secret: HS256, HS384, HS512.
    case secret([UInt8])
    /// A public key in PEM: RS256 for an RSA key, ES256 for one on the curve P-256.
    case publicKeyPEM([UInt8])
}
