/// Decides whether a token is good, and what it says.
public struct TokenVerifier: Sendable {
    /// A verifier for tokens signed with any of `keys`; `audience` and `issuer` are checked when given.
    public init(keys: [TokenKey], audience: String? = nil, issuer: String? = nil) throws(TokenError) {
        fatalError("unfinished")
    }

    /// The claims of `token` at the time `now` (milliseconds since the epoch).
    public func verify(_ token: String, now: Int64) throws(TokenError) -> Claims {
        fatalError("unfinished")
    }
}
