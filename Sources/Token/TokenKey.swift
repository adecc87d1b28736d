/// A key that tokens may be signed with.
public enum TokenKey: Sendable, Equatable {
    /// A shared secret: HS256, HS384, HS512.
    case secret([UInt8])
    /// A public key in PEM: RS256 when it is an RSA key, ES256 when it is one on the curve P-256.
    case publicKeyPEM([UInt8])
}
