import JSON

/// Decides whether a token is good, and what it says.
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
        // The algorithm is matched before anything is decoded with a key.
        let fitting = keys.filter { algorithm.fits($0) }
        guard !fitting.isEmpty else {
            throw TokenError(code: .wrongAlgorithm, message: "\(algorithm.rawValue) is not accepted here")
        }
        guard let json = fitting.lazy.compactMap({ signed.claims(verifiedWith: $0.bytes) }).first else {
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
        guard let algorithm = header["alg"]?.string.flatMap(Algorithm.init(rawValue:)) else {
            throw TokenError(code: .wrongAlgorithm, message: "the token's algorithm is not accepted")
        }
        return algorithm
    }

    private func checkTimes(_ claims: JSONObject, now: Int64) throws(TokenError) {
        let leeway = TokenLimits.leewaySeconds
        let seconds = now / 1000
        if let expiry = try Self.time("exp", in: claims), seconds >= expiry, seconds - expiry >= leeway {
            throw TokenError(code: .expired, message: "the token has expired")
        }
        if let start = try Self.time("nbf", in: claims), seconds < start, start - seconds > leeway {
            throw TokenError(code: .notYetValid, message: "the token is not valid yet")
        }
    }

    /// A time claim: whole seconds of a sensible size, or absent.
    static func time(_ name: StaticString, in claims: JSONObject) throws(TokenError) -> Int64? {
        guard let value = claims[name] else { return nil }
        guard let seconds = value.integer, (0...TokenLimits.maxSeconds).contains(seconds) else {
            throw TokenError(code: .badClaims, message: "the claim \(name) is not a whole number of seconds")
        }
        return seconds
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
