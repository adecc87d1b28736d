import Access
import HTTP

extension Caller {
    /// The caller of a request: `X-API-Key`, else `Authorization: Bearer`; 401 where neither is good.
    static func identify(_ request: Request, core: LoopCore) throws(Refusal) -> Caller {
        if let caller = request.caller { return caller }
        do {
            return try core.shared.authenticator.caller(request.head.headers, now: WallClock.now)
        } catch {
            throw unauthorized(error)
        }
    }

    /// The caller of a request for a stream, whose token may stand in the query.
    static func identify(stream request: Request, core: LoopCore) throws(Refusal) -> Caller {
        do {
            return try core.shared.authenticator.caller(ofStream: request.head, now: WallClock.now)
        } catch {
            throw unauthorized(error)
        }
    }

    /// Throws 403 unless the caller has `scope`.
    func require(_ scope: String) throws(Refusal) {
        guard has(scope: scope) else { throw Refusal(403, .forbidden, "the token lacks the scope \(scope)") }
    }

    private static func unauthorized(_ error: Unidentified) -> Refusal {
        Refusal(401, .unauthorized, error.message, headers: ["WWW-Authenticate": "Bearer"])
    }
}
