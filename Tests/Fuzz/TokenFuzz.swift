import JSON

@testable import Token

/// Tokens: unsigned ones, signed ones, and their claims.
enum TokenFuzz {
    static let tokens = FuzzTarget(name: "token", seeds: { seeds.map { Array($0.utf8) } }) { input in
        let text = String(decoding: input, as: UTF8.self)
        let isOurs = (try? verifier.verify(text, now: now)) != nil
        demand(!isOurs, "a token that nobody has signed is good")
        let parser = JSONParser(maxBytes: TokenLimits.maxTokenBytes)
        guard let object = try? parser.object(input), let claims = try? Claims(object) else { return }
        demand((1...TokenLimits.maxIdentifierBytes).contains(claims.user.utf8.count), "no user: \(claims.user)")
        checkSigned(claims)
    }

    /// A signed token is valid and has its claims; with one letter changed it is invalid.
    private static func checkSigned(_ claims: Claims) {
        guard claims.expiresAt.map({ $0 > now }) != false, !hasNUL(claims),
            let token = try? TokenSigner.sign(claims, secret: secret, issuedAt: now),
            token.utf8.count <= TokenLimits.maxTokenBytes
        else { return }
        guard let read = try? verifier.verify(token, now: now) else { fatalError("our own token is refused") }
        demand(read.user == claims.user && read.username == claims.username, "another user: \(read)")
        demand(read.expiresAt == claims.expiresAt && read.teams == claims.teams, "other claims: \(read)")
        demand(read.tasks == claims.tasks && read.topics == claims.topics, "other claims: \(read)")
        var changed = Array(token.utf8)
        let place = changed.lastIndex(of: UInt8(ascii: "."))! + 1
        changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        let isGood = (try? verifier.verify(String(decoding: changed, as: UTF8.self), now: now)) != nil
        demand(!isGood, "another signature is good too")
    }

    /// libjwt's JSON library accepts no NUL in a text.
    private static func hasNUL(_ claims: Claims) -> Bool {
        let texts = [claims.user, claims.username] + claims.teams + claims.tasks + claims.topics + claims.scopes
        return texts.contains { $0.utf8.contains(0) }
    }

    private static let now: Int64 = 1_763_010_000_000
    private static let secret = Array("a secret that no input can know: \(UInt64.random(in: .min ... .max))".utf8)
    private static let verifier = try! TokenVerifier(keys: [.secret(secret)])

    private static let seeds = [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.AAAA",
        #"{"sub":"42","username":"n","teams":["a"],"scope":"publish admin","tasks":["a*"],"topics":["t"],"exp":1763096400}"#,
        #"{"userId":42,"name":"é","exp":1.7630964005e9,"nbf":0.25}"#,
    ]
}
