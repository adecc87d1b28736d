internal import CJWT
internal import Glibc
import JSON

/// Makes tokens, for `fantail token` and for development.
public enum TokenSigner {
    /// A token (HS256) with `claims`; `issuedAt` is in milliseconds since the epoch.
    public static func sign(
        _ claims: Claims, secret: [UInt8], issuedAt: Int64, audience: String? = nil, issuer: String? = nil
    ) throws(TokenError) -> String {
        let failure = TokenError(code: .badKey, message: "the token cannot be signed with this secret")
        guard !secret.isEmpty else { throw failure }
        var token: OpaquePointer?
        guard jwt_new(&token) == 0, let token else { throw failure }
        defer { jwt_free(token) }
        let json = payload(claims, issuedAt: issuedAt, audience: audience, issuer: issuer)
        guard jwt_add_grants_json(token, String(decoding: json, as: UTF8.self)) == 0,
            jwt_set_alg(token, JWT_ALG_HS256, secret, Int32(secret.count)) == 0, let text = jwt_encode_str(token)
        else { throw failure }
        defer { free(text) }
        return String(cString: text)
    }

    private static func payload(_ claims: Claims, issuedAt: Int64, audience: String?, issuer: String?) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        let texts = [("sub", claims.user), ("username", claims.username), ("aud", audience), ("iss", issuer)]
        for (key, text) in texts {
            guard let text else { continue }
            writer.key(key)
            writer.string(text)
        }
        writer.key("iat")
        writer.integer(issuedAt / 1000)
        if let expiresAt = claims.expiresAt {
            writer.key("exp")
            // A fraction only where there is one: not all readers accept it.
            let isWhole = expiresAt % 1000 == 0
            if isWhole { writer.integer(expiresAt / 1000) } else { writer.double(Double(expiresAt) / 1000) }
        }
        if !claims.scopes.isEmpty {
            writer.key("scope")
            writer.string(claims.scopes.sorted().joined(separator: " "))
        }
        for (key, list) in [("teams", claims.teams), ("tasks", claims.tasks), ("topics", claims.topics)]
        where !list.isEmpty {
            writer.key(key)
            writer.beginArray()
            for item in list { writer.string(item) }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }
}
