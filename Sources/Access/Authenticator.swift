public import HTTP
public import Token

/// Finds the holder of a token or a key.
public struct Authenticator: Sendable {
    private let verifier: TokenVerifier?
    private let apiKey: String?
    private let fixedToken: String?
    private let acceptsDemoToken: Bool

    /// The only token that development nodes accept.
    public static let demoToken = "demo-token"

    /// Tokens must be signed with one of `keys`, and match `audience` and `issuer` where given. `fixedToken` opens the
    /// dialects that need no user; `apiKey` opens REST.
    public init(
        keys: [TokenKey], audience: String? = nil, issuer: String? = nil, apiKey: String? = nil,
        fixedToken: String? = nil, acceptsDemoToken: Bool = false
    ) throws(TokenError) {
        verifier = keys.isEmpty ? nil : try TokenVerifier(keys: keys, audience: audience, issuer: issuer)
        self.apiKey = apiKey
        self.fixedToken = fixedToken
        self.acceptsDemoToken = acceptsDemoToken
    }

    /// The holder of a WebSocket's token. The fixed token has no user, so only dialects that need none accept it.
    public func session(token: String, acceptsFixedToken: Bool, now: Int64) throws(TokenError) -> Identity {
        if acceptsDemoToken, Self.same(token, Self.demoToken) { return .demo }
        if acceptsFixedToken, let fixedToken, Self.same(token, fixedToken) { return .anonymous }
        return .user(try verify(token, now: now))
    }

    /// The caller of a request: the holder of the key in `X-API-Key`, else of the token in `Authorization`.
    public func caller(_ headers: Headers, now: Int64) throws(Unidentified) -> Caller {
        if let key = headers["X-API-Key"] {
            guard isAPIKey(key) else { throw Unidentified("the API key is not valid") }
            return .operatorKey
        }
        switch Credentials(header: headers) {
        case .none: throw Unidentified("a token is needed: Authorization: Bearer <JWT>, or X-API-Key")
        case .otherScheme: throw Unidentified("expected Authorization: Bearer <JWT>, once")
        case .token(let token): return try caller(token: token, now: now)
        }
    }

    /// The caller of a request for an event stream: the holder of the token in the query, since EventSource sets no
    /// header, else as for any other request.
    public func caller(ofStream head: RequestHead, now: Int64) throws(Unidentified) -> Caller {
        guard let token = Credentials(query: head.query).token else { return try caller(head.headers, now: now) }
        return try caller(token: token, now: now)
    }

    private func caller(token: String, now: Int64) throws(Unidentified) -> Caller {
        if acceptsDemoToken, Self.same(token, Self.demoToken) { return .demo }
        do { return .user(try verify(token, now: now)) } catch { throw Unidentified(error.message) }
    }

    /// The claims of a JWT.
    private func verify(_ token: String, now: Int64) throws(TokenError) -> Claims {
        guard let verifier else {
            throw TokenError(code: .badSignature, message: "this node has no key to verify tokens")
        }
        return try verifier.verify(token, now: now)
    }

    private func isAPIKey(_ key: String) -> Bool { apiKey.map { Self.same(key, $0) } ?? false }

    private static func same(_ left: String, _ right: String) -> Bool {
        constantTimeEquals(Array(left.utf8), Array(right.utf8))
    }
}

/// Why the node does not know a request's caller.
public struct Unidentified: Error, Equatable, Sendable {
    /// The reason, for people. Never quotes a token or key.
    public let message: String

    init(_ message: String) { self.message = message }
}
