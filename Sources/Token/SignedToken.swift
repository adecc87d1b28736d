internal import CJWT
internal import Glibc

/// The three parts of a JWT in compact form (RFC 7519 3, RFC 7515 7.1), not yet verified.
struct SignedToken {
    private let text: String
    /// The decoded first part.
    let header: [UInt8]

    /// Splits a token into its parts; throws where its form is wrong.
    init(_ text: String) throws(TokenError) {
        guard text.utf8.count <= TokenLimits.maxTokenBytes else {
            throw TokenError(code: .tooLarge, message: "the token is longer than \(TokenLimits.maxTokenBytes) bytes")
        }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }), let header = Base64URL.decode(parts[0]),
            Base64URL.decode(parts[1]) != nil, Base64URL.decode(parts[2]) != nil
        else { throw TokenError(code: .malformed, message: "the token is not three parts of base64url") }
        self.text = text
        self.header = header
    }

    /// The claims as JSON text when `key` has signed the token, nil when it has not.
    ///
    /// libjwt 1.10.2 accepts `alg: none` when it gets no key, and HS256 signed with a public PEM: the caller has
    /// matched `algorithm` with the kind of key, and a key is never empty. libjwt reads the header again, and of a
    /// duplicate name it takes the last: so it must have verified that algorithm.
    func claims(verifiedWith key: [UInt8], _ algorithm: Algorithm) -> [UInt8]? {
        precondition(!key.isEmpty, "SignedToken: an empty key verifies everything")
        var token: OpaquePointer?
        // PEM keys are read as C strings (BIO_new_mem_buf with the length given); the NUL does not count.
        guard jwt_decode(&token, text, key, Int32(key.count)) == 0, let token else { return nil }
        defer { jwt_free(token) }
        guard jwt_get_alg(token) == algorithm.inLibJWT, let json = jwt_get_grants_json(token, nil) else { return nil }
        defer { free(json) }
        return Array(UnsafeRawBufferPointer(start: json, count: strlen(json)))
    }
}

extension Algorithm {
    /// The algorithm in libjwt.
    fileprivate var inLibJWT: jwt_alg_t {
        switch self {
        case .hs256: JWT_ALG_HS256
        case .hs384: JWT_ALG_HS384
        case .hs512: JWT_ALG_HS512
        case .rs256: JWT_ALG_RS256
        case .es256: JWT_ALG_ES256
        }
    }
}
