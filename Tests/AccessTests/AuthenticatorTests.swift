import Access
import HTTP
import Testing
import Token

@Suite("Authenticator")
struct AuthenticatorTests {
    private static let secret = Array("a secret of more than 32 bytes, for tests".utf8)
    private let claims = Claims(user: "ada", scopes: ["publish"])
    private let token: String
    private let authenticator: Authenticator
    private let development: Authenticator
    private let bare: Authenticator

    init() throws {
        token = try TokenSigner.sign(claims, secret: Self.secret, issuedAt: 0)
        let keys = [TokenKey.secret(Self.secret)]
        authenticator = try Authenticator(keys: keys, apiKey: "key", fixedToken: "fixed")
        development = try Authenticator(keys: keys, acceptsDemoToken: true)
        bare = try Authenticator(keys: [])
    }

    private func session(_ authenticator: Authenticator, _ token: String, fixed: Bool = true) -> Identity? {
        try? authenticator.session(token: token, acceptsFixedToken: fixed, now: 1)
    }

    private func caller(_ authenticator: Authenticator, _ headers: Headers) -> Result<Caller, Unidentified> {
        Result { () throws(Unidentified) in try authenticator.caller(headers, now: 1) }
    }

    @Test("a WebSocket belongs to the user of its token")
    func users() { #expect(session(authenticator, token) == .user(claims)) }

    @Test("the fixed token is nobody's, and opens only dialects that need no user")
    func fixed() {
        #expect(session(authenticator, "fixed") == .anonymous)
        #expect(session(authenticator, "fixed", fixed: false) == nil)
        #expect(session(development, "fixed") == nil)
    }

    @Test("the development token opens development nodes")
    func demo() {
        #expect(session(development, Authenticator.demoToken, fixed: false) == .demo)
        #expect(session(authenticator, Authenticator.demoToken) == nil)
        #expect(caller(development, ["Authorization": "Bearer demo-token"]) == .success(.demo))
    }

    @Test("anything else is refused", arguments: ["", "x", "fixe", "fixedd", "key", "demo-token "])
    func refused(_ text: String) {
        for authenticator in [authenticator, development, bare] { #expect(session(authenticator, text) == nil) }
    }

    @Test("a node without a key takes no token, and says so")
    func noKey() {
        #expect(session(bare, token) == nil)
        #expect(throws: TokenError(code: .badSignature, message: "this node has no key to verify tokens")) {
            try bare.session(token: token, acceptsFixedToken: true, now: 1)
        }
    }

    @Test("a token is checked at the time of the request")
    func expired() throws {
        let ended = try TokenSigner.sign(
            Claims(user: "ada", expiresAt: 60_000), secret: Self.secret, issuedAt: 0)
        #expect(session(authenticator, ended) != nil)
        #expect(throws: TokenError.self) {
            try authenticator.session(token: ended, acceptsFixedToken: false, now: 600_000)
        }
    }

    @Test("a request belongs to the holder of the API key, or of its token; the key is looked at first")
    func callers() {
        let bearer = "Bearer \(token)"
        #expect(caller(authenticator, ["X-API-Key": "key"]) == .success(.operatorKey))
        #expect(caller(authenticator, ["Authorization": bearer]) == .success(.user(claims)))
        #expect(caller(authenticator, ["X-API-Key": "key", "Authorization": "Basic x"]) == .success(.operatorKey))
        for wrong in ["", "ke", "keyy", "KEY"] {
            #expect(
                caller(authenticator, ["X-API-Key": wrong, "Authorization": bearer])
                    == caller(authenticator, ["X-API-Key": wrong]))
            guard case .failure(let error) = caller(authenticator, ["X-API-Key": wrong]) else {
                Issue.record("the key \(wrong) opens")
                continue
            }
            #expect(error.message == "the API key is not valid")
        }
    }

    @Test("the fixed token opens no request, and no key opens a node that has none")
    func notForRequests() {
        for headers in [["Authorization": "Bearer fixed"], [:], ["Authorization": "Basic x"]] as [Headers] {
            #expect(throws: Unidentified.self) { try authenticator.caller(headers, now: 1) }
        }
        #expect(throws: Unidentified.self) { try bare.caller(["X-API-Key": "key"], now: 1) }
    }

    @Test("a stream's token may stand in the query, which wins; an empty one is none")
    func streams() throws {
        func caller(_ target: String, _ field: String? = nil) throws -> Caller? {
            let lines = ["GET \(target) HTTP/1.1", "Host: a"] + (field.map { [$0] } ?? []) + ["", ""]
            let head = try RequestHead(parsing: Array(lines.joined(separator: "\r\n").utf8))
            return try? authenticator.caller(ofStream: head, now: 1)
        }
        #expect(try caller("/e?token=\(token)") == .user(claims))
        #expect(try caller("/e?token=\(token)", "X-API-Key: wrong") == .user(claims))
        #expect(try caller("/e?token=", "X-API-Key: key") == .operatorKey)
        #expect(try caller("/e", "Authorization: Bearer \(token)") == .user(claims))
        #expect(try caller("/e?token=x", "X-API-Key: key") == nil)
        #expect(try caller("/e") == nil)
    }

    @Test("the operator has every scope, the development user none, any other the token's")
    func scopes() {
        for scope in ["publish", "admin", "tasks:*"] {
            #expect(Caller.operatorKey.has(scope: scope))
            #expect(!Caller.demo.has(scope: scope))
            #expect(Caller.user(claims).has(scope: scope) == (scope == "publish"))
        }
        #expect(Caller.operatorKey.user == nil && Caller.demo.user == "demo" && Caller.user(claims).user == "ada")
    }

    @Test("the identity of each holder")
    func identities() {
        let full = Claims(user: "ada", username: "Ada", teams: ["t"], expiresAt: 5)
        #expect(Identity.user(full).username == "Ada" && Identity.user(full).teams == ["t"])
        #expect(Identity.user(full).expiresAt == 5 && Identity.user(full).mustCloseAt == full.mustCloseAt)
        #expect(Identity.anonymous.user == nil && Identity.anonymous.username == "")
        #expect(Identity.demo.user == "demo" && Identity.demo.username == "demo")
        for identity in [Identity.anonymous, .demo] {
            #expect(identity.teams.isEmpty && identity.expiresAt == nil && identity.mustCloseAt == nil)
        }
    }
}
