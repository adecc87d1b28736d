import JSON

/// Verifies tokens and reads their claims.
public struct TokenVerifier: Sendable {
    private let keys: [TokenKey]
    private let audience: String?
    private let issuer: String?

    /// A verifier for tokens signed with any of `keys`; `audience` and `issuer` are checked when given.
    public init(keys: [TokenKey], audience: String? = nil, issuer: String? = nil) throws(TokenError) {
        guard !keys.isEmpty, keys.allSatisfy({ !$0.bytes.isEmpty }) else {
            throw TokenError(code: .badKey, message: "a key is empty")
        }
        for case .publicKeyPEM(let pem) in keys {
            guard PublicKeyPEM.isWhole(pem) else {
                throw TokenError(
                    code: .badKey, message: "expected a whole public key in PEM (-----BEGIN PUBLIC KEY-----)")
            }
        }
        self.keys = keys
        self.audience = audience
        self.issuer = issuer
    }

    /// The claims of `token` at the time `now` (milliseconds since the epoch).
    public func verify(_ token: String, now: Int64) throws(TokenError) -> Claims {
        let signed = try SignedToken(token)
        let parser = JSONParser(maxBytes: TokenLimits.maxTokenBytes)
        let algorithm = try Self.algorithm(of: signed, parser)
        // The algorithm is matched before any key is used.
        let fitting = keys.filter { algorithm.fits($0) }
        guard !fitting.isEmpty else {
            throw TokenError(code: .wrongAlgorithm, message: "\(algorithm.rawValue) is not accepted here")
        }
        guard let json = fitting.lazy.compactMap({ signed.claims(verifiedWith: $0.bytes, algorithm) }).first else {
            throw TokenError(code: .badSignature, message: "the signature is not valid")
        }
        guard let object = try? parser.object(json) else {
            throw TokenError(code: .malformed, message: "the claims are not a JSON object")
        }
        try checkTimes(object, now: now)
        try checkAddressee(object)
        return try Claims(object)
    }

    private static func algorithm(of token: SignedToken, _ parser: JSONParser) throws(TokenError) -> Algorithm {
        guard let header = try? parser.object(token.header) else {
            throw TokenError(code: .malformed, message: "the token's header is not a JSON object")
        }
        try checkCritical(header)
        guard let algorithm = header["alg"]?.string.flatMap(Algorithm.init(rawValue:)) else {
            throw TokenError(code: .wrongAlgorithm, message: "the token's algorithm is not accepted")
        }
        return algorithm
    }

    /// `crit` names extensions that a reader must understand (RFC 7515 4.1.11). Fantail understands none, so any name
    /// makes the token bad; and so does a value that is no list or an empty one, which the RFC forbids.
    private static func checkCritical(_ header: JSONObject) throws(TokenError) {
        guard let critical = header["crit"] else { return }
        guard let names = critical.strings, !names.isEmpty, !names.contains("") else {
            throw TokenError(code: .malformed, message: "the header's crit is not a list of names")
        }
        throw TokenError(
            code: .unknownExtension, message: "the token's header needs an extension that is not known here")
    }

    private func checkTimes(_ claims: JSONObject, now: Int64) throws(TokenError) {
        let leeway = TokenLimits.leewaySeconds * 1000
        if let expiry = try Self.time("exp", in: claims), now >= expiry, now - expiry >= leeway {
            throw TokenError(code: .expired, message: "the token has expired")
        }
        if let start = try Self.time("nbf", in: claims), now < start, start - now > leeway {
            throw TokenError(code: .notYetValid, message: "the token is not valid yet")
        }
    }

    /// A time claim in milliseconds since 1970, or nil where it is absent. The claim is a number of seconds, which may
    /// have a fraction (RFC 7519 2, NumericDate); a time before 1970 or after the year 9999 is refused.
    static func time(_ name: StaticString, in claims: JSONObject) throws(TokenError) -> Int64? {
        guard let value = claims[name] else { return nil }
        guard let seconds = value.double, (0...Double(TokenLimits.maxSeconds)).contains(seconds) else {
            throw TokenError(code: .badClaims, message: "the claim \(name) is not a number of seconds since 1970")
        }
        return Int64((seconds * 1000).rounded())
    }

    private func checkAddressee(_ claims: JSONObject) throws(TokenError) {
        if let issuer, claims["iss"]?.string != issuer {
            throw TokenError(code: .wrongIssuer, message: "the token is of another issuer")
        }
        guard let audience else { return }
        let named = claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.strings ?? []
        guard named.contains(audience) else {
            throw TokenError(code: .wrongAudience, message: "the token is for another audience")
        }
    }
}
