import HTTP
import Token

/// Who makes a REST request, and what they may do.
enum Caller {
    /// The holder of the API key: everything.
    case operatorKey
    /// The user of the development token: may watch everything, and has no scope.
    case demo
    /// The holder of a token.
    case user(Claims)

    /// The caller of a request: `X-API-Key`, else `Authorization: Bearer`; 401 where neither is good.
    static func identify(_ request: Request, core: LoopCore) throws(Refusal) -> Caller {
        if let caller = request.caller { return caller }
        let authenticator = core.shared.authenticator
        if let key = request.head.headers["X-API-Key"] {
            guard authenticator.isAPIKey(key) else { throw unauthorized("the API key is not valid") }
            return .operatorKey
        }
        switch Credentials(header: request.head.headers) {
        case .none: throw unauthorized("a token is needed: Authorization: Bearer <JWT>, or X-API-Key")
        case .otherScheme: throw unauthorized("expected Authorization: Bearer <JWT>, once")
        case .token(let token): return try holder(of: token, authenticator)
        }
    }

    /// The caller of a request for a stream: the token in the query, since EventSource sets no header, else as for any other.
    static func identify(stream request: Request, core: LoopCore) throws(Refusal) -> Caller {
        guard let token = Credentials(query: request.head.query).token else { return try identify(request, core: core) }
        return try holder(of: token, core.shared.authenticator)
    }

    private static func holder(of token: String, _ authenticator: Authenticator) throws(Refusal) -> Caller {
        do {
            return try authenticator.caller(token: token, now: WallClock.now)
        } catch {
            throw unauthorized(error.message)
        }
    }

    /// Whose request it is; nil for an operator's.
    var user: String? {
        switch self {
        case .operatorKey: nil
        case .demo: Identity.demo.user
        case .user(let claims): claims.user
        }
    }

    /// Throws 403 unless the caller has `scope`.
    func require(_ scope: String) throws(Refusal) {
        switch self {
        case .operatorKey: return
        case .user(let claims) where claims.scopes.contains(scope): return
        case .demo, .user: throw Refusal(403, .forbidden, "the token lacks the scope \(scope)")
        }
    }

    private static func unauthorized(_ message: String) -> Refusal {
        Refusal(401, .unauthorized, message, headers: ["WWW-Authenticate": "Bearer"])
    }
}
