import Token

/// Decides who a token or a key belongs to.
struct Authenticator: Sendable {
    private let verifier: TokenVerifier?
    private let apiKey: String?
    private let authToken: String?
    private let acceptsDemoToken: Bool

    /// Accepted by development nodes only.
    static let demoToken = "demo-token"

    init(configuration: Configuration, keys: [TokenKey]) throws(TokenError) {
        verifier =
            keys.isEmpty
            ? nil
            : try TokenVerifier(keys: keys, audience: configuration.jwtAudience, issuer: configuration.jwtIssuer)
        apiKey = configuration.apiKey
        authToken = configuration.authToken
        acceptsDemoToken = configuration.isDevelopment
    }

    /// The holder of a token that a WebSocket came with. The fixed token has no user, so only dialects that need none take
    /// it.
    func session(token: String, acceptsFixedToken: Bool, now: Int64) throws(TokenError) -> Identity {
        if acceptsDemoToken, Self.same(token, Self.demoToken) { return .demo }
        if acceptsFixedToken, let authToken, Self.same(token, authToken) { return .anonymous }
        return .user(try verify(token, now: now))
    }

    /// The maker of a REST request that came with `token`.
    func caller(token: String, now: Int64) throws(TokenError) -> Caller {
        if acceptsDemoToken, Self.same(token, Self.demoToken) { return .demo }
        return .user(try verify(token, now: now))
    }

    /// The holder of a JWT.
    private func verify(_ token: String, now: Int64) throws(TokenError) -> Claims {
        guard let verifier else {
            throw TokenError(code: .badSignature, message: "this node has no key for tokens")
        }
        return try verifier.verify(token, now: now)
    }

    /// Whether `key` is the API key.
    func isAPIKey(_ key: String) -> Bool { apiKey.map { Self.same(key, $0) } ?? false }

    private static func same(_ left: String, _ right: String) -> Bool {
        constantTimeEquals(Array(left.utf8), Array(right.utf8))
    }
}

/// Who is at the other end of a WebSocket.
enum Identity: Sendable {
    /// The holder of the fixed token: nobody in particular.
    case anonymous
    /// The user of the development token.
    case demo
    /// A user with a token.
    case user(Claims)

    var user: String? {
        switch self {
        case .anonymous: nil
        case .demo: "demo"
        case .user(let claims): claims.user
        }
    }

    var username: String {
        if case .user(let claims) = self { claims.username } else { user ?? "" }
    }

    /// The teams of the user.
    var teams: [String] {
        if case .user(let claims) = self { claims.teams } else { [] }
    }

    /// When the token ends, milliseconds since 1970.
    var expiresAt: Int64? {
        if case .user(let claims) = self { claims.expiresAt } else { nil }
    }

    /// When its connections must be closed; nil for a token without an end.
    var mustCloseAt: Int64? {
        if case .user(let claims) = self { claims.mustCloseAt } else { nil }
    }
}
