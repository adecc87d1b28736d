import HTTP
import Token

/// Who makes a REST request, and what they may do.
enum Caller {
    /// The holder of the API key: everything.
    case operatorKey
    /// The holder of a token.
    case user(Claims)

    /// The caller of a request: `X-API-Key`, else `Authorization: Bearer`; 401 where neither is good.
    static func identify(_ request: Request, core: LoopCore) throws(Refusal) -> Caller {
        let authenticator = core.shared.authenticator
        if let key = request.head.headers["X-API-Key"] {
            guard authenticator.isAPIKey(key) else { throw unauthorized("the API key is not valid") }
            return .operatorKey
        }
        guard let header = request.head.headers["Authorization"] else {
            throw unauthorized("a token is needed: Authorization: Bearer <JWT>, or X-API-Key")
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw unauthorized("expected Authorization: Bearer <JWT>")
        }
        do {
            return .user(try authenticator.verify(String(parts[1]), now: WallClock.now))
        } catch {
            throw unauthorized(error.message)
        }
    }

    /// The holder of a JWT that stood in the query.
    static func identify(token: String, core: LoopCore) throws(Refusal) -> Caller {
        do {
            return .user(try core.shared.authenticator.verify(token, now: WallClock.now))
        } catch {
            throw unauthorized(error.message)
        }
    }

    /// Throws 403 unless the caller has `scope`.
    func require(_ scope: String) throws(Refusal) {
        guard case .user(let claims) = self, !claims.scopes.contains(scope) else { return }
        throw Refusal(403, .forbidden, "the token lacks the scope \(scope)")
    }

    private static func unauthorized(_ message: String) -> Refusal {
        Refusal(401, .unauthorized, message, headers: ["WWW-Authenticate": "Bearer"])
    }
}
