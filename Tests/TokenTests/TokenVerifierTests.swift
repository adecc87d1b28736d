import JSON
import Testing

@testable import Token

@Suite("TokenVerifier")
struct TokenVerifierTests {
    private let secret = Array("a secret of some length".utf8)
    private let now: Int64 = 1_800_000_000_000

    private func verifier(audience: String? = nil, issuer: String? = nil) throws -> TokenVerifier {
        try TokenVerifier(keys: [.secret(secret)], audience: audience, issuer: issuer)
    }

    private func sign(_ claims: Claims, _ secret: [UInt8]? = nil) throws -> String {
        try TokenSigner.sign(claims, secret: secret ?? self.secret, issuedAt: now)
    }

    /// A token with any header, payload and signature.
    private func forge(_ header: String, _ payload: String, signature: String = "AAAA") -> String {
        [header, payload].map { encode(Array($0.utf8)) }.joined(separator: ".") + "." + signature
    }

    private func encode(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
            for place in 0...part.count { text.append(letters[bits >> (18 - 6 * place) & 63]) }
        }
        return text
    }

    private func code(_ token: String, _ verifier: TokenVerifier, now: Int64? = nil) -> TokenError.Code? {
        do throws(TokenError) {
            _ = try verifier.verify(token, now: now ?? self.now)
            return nil
        } catch { return error.code }
    }

    @Test("a signed token is read back")
    func roundTrip() throws {
        let claims = Claims(
            user: "alice", username: "Alice", teams: ["red"], scopes: ["publish", "tasks:*"], tasks: ["video_*"],
            topics: ["orders"], expiresAt: now + 60_000)
        #expect(try verifier().verify(sign(claims), now: now) == claims)
        for fraction: Int64 in [1, 123, 250, 999] {
            let claims = Claims(user: "alice", expiresAt: now + fraction)
            #expect(try verifier().verify(sign(claims), now: now) == claims)
        }
    }

    @Test("another secret, a changed payload and a changed signature are refused")
    func signatures() throws {
        let token = try sign(Claims(user: "alice"))
        #expect(code(try sign(Claims(user: "alice"), Array("other".utf8)), try verifier()) == .badSignature)
        var parts = token.split(separator: ".").map(String.init)
        parts[1] = encode(Array(#"{"sub":"bob"}"#.utf8))
        #expect(code(parts.joined(separator: "."), try verifier()) == .badSignature)
        #expect(code(String(token.dropLast(4)), try verifier()) != nil)
    }

    @Test(
        "no algorithm but the configured family",
        arguments: ["none", "None", "NONE", "nOnE", "HS1", "RS256", "ES256", "PS256", ""])
    func algorithms(_ name: String) throws {
        for signature in ["AAAA", encode([1, 2, 3])] {
            let token = forge(#"{"alg":"\#(name)","typ":"JWT"}"#, #"{"sub":"alice"}"#, signature: signature)
            #expect(code(token, try verifier()) == .wrongAlgorithm)
        }
        #expect(code(forge(#"{"alg":"none"}"#, #"{"sub":"a"}"#, signature: ""), try verifier()) == .malformed)
        #expect(code(forge(#"{"typ":"JWT"}"#, #"{"sub":"a"}"#), try verifier()) == .wrongAlgorithm)
    }

    @Test("a public key is never used as a secret")
    func keyConfusion() throws {
        let pem = Array(Fixtures.publicKey.utf8)
        let token = try sign(Claims(user: "mallory"), pem)
        #expect(code(token, try TokenVerifier(keys: [.publicKeyPEM(pem)])) == .wrongAlgorithm)
    }

    @Test("a header that names two algorithms does not make a secret of a public key")
    func twoAlgorithms() throws {
        let verifier = try TokenVerifier(keys: [.publicKeyPEM(Array(Fixtures.publicKey.utf8))])
        for (header, signature) in Fixtures.confused {
            #expect(code(forge(header, #"{"sub":"mallory"}"#, signature: signature), verifier) != nil, "\(header)")
        }
    }

    @Test("a header that needs an extension makes the token bad, and so does a malformed list")
    func critical() throws {
        for names in [#"["b64"]"#, #"["exp"]"#, #"["alg"]"#, #"["a","b"]"#] {
            let token = forge(#"{"alg":"HS256","crit":\#(names),"b64":false,"exp":1}"#, #"{"sub":"a"}"#)
            #expect(code(token, try verifier()) == .unknownExtension, "\(names)")
        }
        for list in ["[]", #"[""]"#, #"["b64",""]"#, "[1]", #"["b64",null]"#, #""b64""#, "null", "{}", "false", "0"] {
            let token = forge(#"{"alg":"HS256","crit":\#(list)}"#, #"{"sub":"a"}"#)
            #expect(code(token, try verifier()) == .malformed, "\(list)")
        }
        let escaped = forge(#"{"alg":"HS256","\u0063rit":["x"]}"#, #"{"sub":"a"}"#)
        #expect(code(escaped, try verifier()) == .unknownExtension)
    }

    @Test(
        "a time is a number of seconds, with a fraction or without",
        arguments: [
            ("0", 0), ("1", 1_000), ("1.5", 1_500), ("1900000000.123", 1_900_000_000_123), ("1.9e9", 1_900_000_000_000),
            ("0.0004", 0), ("0.0006", 1), ("19E+8", 1_900_000_000_000), ("1e-400", 0), ("-0.0", 0),
            ("253402300799", 253_402_300_799_000),
        ])
    func numericDate(_ text: String, _ milliseconds: Int64) throws {
        #expect(try TokenVerifier.time("exp", in: object(#"{"exp":\#(text)}"#)) == milliseconds)
    }

    @Test(
        "what is no such number makes the token bad",
        arguments: [
            #""1900000000""#, "true", "false", "null", "[]", "[1900000000]", "{}", "-1", "-0.001", "253402300800",
            "1e300",
            "2147483648000", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615",
        ])
    func noDate(_ text: String) throws {
        let claims = try object(#"{"nbf":\#(text)}"#)
        #expect(throws: TokenError.self) { try TokenVerifier.time("nbf", in: claims) }
    }

    private func object(_ text: String) throws -> JSONObject { try JSONParser(maxBytes: 1024).object(Array(text.utf8)) }

    @Test("the fraction of an expiry is kept to the millisecond")
    func fractionOfTheEnd() throws {
        #expect(try Claims(object(#"{"sub":"a","exp":1900000000.25}"#)).expiresAt == 1_900_000_000_250)
    }

    @Test("signed tokens of other libraries with every kind of time and header", arguments: Fixtures.signed)
    func otherHeaders(_ header: String, _ payload: String, _ signature: String, _ outcome: String) throws {
        let verifier = try TokenVerifier(keys: [.secret(Array("fixture".utf8))])
        do throws(TokenError) {
            #expect(try verifier.verify(forge(header, payload, signature: signature), now: now).user == outcome)
        } catch { #expect("\(error.code)" == outcome) }
    }

    @Test("times have 30 seconds of leeway")
    func times() throws {
        let token = try sign(Claims(user: "alice", expiresAt: now))
        #expect(code(token, try verifier(), now: now + 29_000) == nil)
        #expect(code(token, try verifier(), now: now + 30_000) == .expired)
        #expect(code(try sign(Claims(user: "alice")), try verifier(), now: .max / 2) == nil)
    }

    @Test("a token's connections close exactly when the token opens no more of them")
    func closing() throws {
        let token = try sign(Claims(user: "alice", expiresAt: now))
        let end = try #require(verifier().verify(token, now: now).mustCloseAt)
        #expect(code(token, try verifier(), now: end - 1) == nil)
        #expect(code(token, try verifier(), now: end) == .expired)
        #expect(Claims(user: "alice").mustCloseAt == nil)
    }

    @Test("audience and issuer are checked when configured")
    func addressees() throws {
        let token = try TokenSigner.sign(Claims(user: "a"), secret: secret, issuedAt: now, audience: "x", issuer: "y")
        #expect(code(token, try verifier(audience: "x", issuer: "y")) == nil)
        #expect(code(token, try verifier(audience: "z")) == .wrongAudience)
        #expect(code(token, try verifier(issuer: "z")) == .wrongIssuer)
        #expect(code(try sign(Claims(user: "a")), try verifier(audience: "x")) == .wrongAudience)
    }

    @Test("invalid tokens are refused", arguments: ["", ".", "..", "a.b", "a.b.c.d", "é.é.é", "A.A.A", "{}.{}.{}"])
    func malformed(_ text: String) throws { #expect(code(text, try verifier()) == .malformed) }

    @Test("a token above 8 KiB is not read")
    func tooLarge() throws {
        #expect(code(String(repeating: "a", count: 8193), try verifier()) == .tooLarge)
    }

    @Test(
        "users outside the rule for ids are refused",
        arguments: ["", "a b", "a{b", "ä", String(repeating: "x", count: 129)])
    func badUsers(_ user: String) throws { #expect(code(try sign(Claims(user: user)), try verifier()) == .badClaims) }

    @Test("empty keys and private keys are refused when the node starts")
    func badKeys() {
        #expect(throws: TokenError.self) { try TokenVerifier(keys: []) }
        #expect(throws: TokenError.self) { try TokenVerifier(keys: [.secret([])]) }
        #expect(throws: TokenError.self) { try TokenVerifier(keys: [.publicKeyPEM(Array("nonsense".utf8))]) }
    }

    @Test("a public key that was cut or garbled on its way is refused at once")
    func brokenKeys() throws {
        let lines = Fixtures.publicKey.split(separator: "\n").map(String.init)
        let broken: [[String]] = [
            lines.dropLast(), Array(lines.dropFirst()), Array(lines[..<4] + lines[5...]), [lines[0], lines.last!],
            lines.map { $0.replacing("PUBLIC", with: "PRIVATE") }, lines.map { $0.replacing("Q", with: "!") },
            [lines[0], "none", lines.last!], lines.map { $0 == lines[1] ? "AA" + $0.dropFirst(2) : $0 },
        ]
        for lines in broken {
            let pem = Array(lines.joined(separator: "\n").utf8)
            #expect(throws: TokenError.self, "\(lines)") { try TokenVerifier(keys: [.publicKeyPEM(pem)]) }
        }
        for ending in ["\n  ", "\n\n", " "] {  // nor does OpenSSL take these
            let pem = Array(lines.joined(separator: ending).utf8)
            #expect(throws: TokenError.self, "\(ending)") { try TokenVerifier(keys: [.publicKeyPEM(pem)]) }
        }
        for ending in ["\r\n", "\n"] {
            let pem = Array(("a note\n" + lines.joined(separator: ending) + ending).utf8)
            #expect(try TokenVerifier(keys: [.publicKeyPEM(pem)]).verify(Fixtures.rs256, now: now).user == "alice")
        }
    }

    @Test("RS256 and ES256 tokens of other libraries are accepted by their public keys only")
    func publicKeys() throws {
        let rsa = try TokenVerifier(keys: [.publicKeyPEM(Array(Fixtures.publicKey.utf8))])
        let elliptic = try TokenVerifier(keys: [.publicKeyPEM(Array(Fixtures.ellipticPublicKey.utf8))])
        #expect(try rsa.verify(Fixtures.rs256, now: now).user == "alice")
        #expect(try elliptic.verify(Fixtures.es256, now: now).user == "alice")
        #expect(code(Fixtures.rs256, elliptic) == .badSignature)
        #expect(code(Fixtures.es256, rsa) == .badSignature)
    }

    @Test("claims are read from tokens of other libraries", arguments: zip(Fixtures.hs256, Fixtures.hs256Outcomes))
    func otherClaims(_ token: String, _ outcome: String) throws {
        let verifier = try TokenVerifier(keys: [.secret(Array("fixture".utf8))])
        do throws(TokenError) {
            #expect(try verifier.verify(token, now: now).user == outcome)
        } catch { #expect("\(error.code)" == outcome) }
    }
}

@Suite("constantTimeEquals")
struct ConstantTimeTests {
    @Test("says whether the bytes are the same")
    func compares() {
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
        #expect(constantTimeEquals([], []))
    }
}
