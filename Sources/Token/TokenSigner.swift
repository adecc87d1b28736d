/// Makes tokens, for `fantail token` and for development.
public enum TokenSigner {
    /// A token (HS256) with `claims`; `issuedAt` is in milliseconds since the epoch.
    public static func sign(
        _ claims: Claims, secret: [UInt8], issuedAt: Int64, audience: String? = nil, issuer: String? = nil
    ) throws(TokenError) -> String {
        fatalError("unfinished")
    }
}
