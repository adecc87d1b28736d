import Testing

@testable import Access

@Suite("OriginPolicy")
struct OriginPolicyTests {
    private let standard = OriginPolicy(allowed: ["https://app.example.com"], isDevelopment: false)
    private let development = OriginPolicy(allowed: [], isDevelopment: true)

    @Test("programs without an Origin come in")
    func programs() { #expect(standard.admits(origin: nil, host: "h")) }

    @Test("the same host comes in, whatever the ports")
    func sameHost() {
        #expect(standard.admits(origin: "http://h.example:3000", host: "h.example:8000"))
        #expect(standard.admits(origin: "https://H.example", host: "h.example"))
        #expect(standard.admits(origin: "http://[::1]:3000", host: "[::1]:8000"))
    }

    @Test(
        "other hosts stay out unless allowed",
        arguments: ["https://evil.example", "null", "garbage", "https://h.example.evil"])
    func others(_ origin: String) { #expect(!standard.admits(origin: origin, host: "h.example")) }

    @Test(
        "what no browser sends is nobody's, also on a development node",
        arguments: [
            "http://localhost:80@evil.example", "http://localhost@evil.example", "http://localhost:8000/evil.example",
            "http://localhost\\@evil.example", "http://localhost:99999", "http://localhost:-1",
            "http://localhost:18446744073709551616",
            "http://localhost:+1", "http://127.example.com", "http://localhost.", "http://127.1", "http://[::1%25lo]",
            "localhost",
        ])
    func tricks(_ origin: String) {
        #expect(!development.admits(origin: origin, host: "localhost:8000"))
        #expect(!standard.admits(origin: origin, host: "localhost"))
    }

    @Test(
        "a development node answers to this machine's names and to addresses",
        arguments: [
            "localhost:8000", "LOCALHOST", "app.localhost:3000", "127.0.0.1:8000", "10.1.2.3", "[::1]:8000",
            "[::ffff:127.0.0.1]", "devbox:8000",
        ])
    func ownNames(_ host: String) {
        #expect(development.admits(host: host))
        #expect(standard.admits(host: host))
    }

    @Test(
        "and not to a name that others can point here, unless it is allowed",
        arguments: ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "a.b."])
    func rebound(_ host: String) {
        #expect(!development.admits(host: host))
        #expect(standard.admits(host: host))
        #expect(OriginPolicy(allowed: ["*"], isDevelopment: true).admits(host: host))
        let tunnel = OriginPolicy(allowed: ["https://tunnel.example:444"], isDevelopment: true)
        #expect(!tunnel.admits(host: host) && tunnel.admits(host: "Tunnel.example:80"))
    }

    @Test("an allowed origin comes in, a star lets all in")
    func allowed() {
        #expect(standard.admits(origin: "https://app.example.com", host: "h"))
        #expect(OriginPolicy(allowed: ["*"], isDevelopment: false).admits(origin: "https://x.example", host: "h"))
    }

    @Test(
        "an origin to allow is put as browsers send it",
        arguments: [
            ("https://app.example.com", "https://app.example.com"), ("https://a.example/", "https://a.example"),
            ("https://C.example:443", "https://c.example"), ("HTTP://c.example:80/", "http://c.example"),
            ("http://c.example:443", "http://c.example:443"), ("http://localhost:03000", "http://localhost:3000"),
            ("http://[::1]:8000", "http://[::1]:8000"), ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
            ("capacitor://localhost", "capacitor://localhost"), ("*", "*"), ("null", "null"),
        ])
    func normal(_ text: String, _ origin: String) { #expect(OriginPolicy.origin(text) == origin) }

    @Test(
        "what no browser sends is none",
        arguments: [
            "", "foo", "b.example", "b.example:8000", "https://", "https:///", "https://a.example/path",
            "https://a.example//",
            "https://user@a.example", "https://a.example?x", "https://*.example", "https://a.example:",
            "https://a.example:x",
            "https://a.example:0", "https://a.example:70000", "https://ü.example", "://a", "1s://a", "https://[::1",
            "https://[x]",
            "https://a.example:+8", "https://::1",
        ])
    func noOrigin(_ text: String) { #expect(OriginPolicy.origin(text) == nil) }

    @Test("development nodes take localhost pages and files")
    func developmentOrigins() {
        #expect(development.admits(origin: "http://localhost:3000", host: "127.0.0.1:8000"))
        #expect(development.admits(origin: "null", host: "127.0.0.1"))
        #expect(!development.admits(origin: "https://evil.example", host: "127.0.0.1"))
    }

    /// Every kind of origin at every kind of node: whether it may connect to `h.example`.
    private static let origins: [(String?, standard: Bool, development: Bool, listed: Bool, star: Bool)] = [
        (nil, true, true, true, true), ("null", false, true, false, true), ("", false, false, false, true),
        ("https://h.example", true, true, true, true), ("http://h.example:9", true, true, true, true),
        ("https://other.example", false, false, true, true), ("https://other.example:8", false, false, false, true),
        ("http://other.example", false, false, false, true), ("http://localhost:3", false, true, false, true),
        ("http://127.0.0.1", false, true, false, true), ("http://[::1]:3", false, true, false, true),
        ("http://127.0.0.2", false, false, false, true), ("nonsense", false, false, false, true),
    ]

    @Test("every origin at every node", arguments: origins)
    func everyOrigin(_ origin: String?, standard: Bool, development: Bool, listed: Bool, star: Bool) {
        func admits(_ allowed: [String], _ isDevelopment: Bool) -> Bool {
            OriginPolicy(allowed: allowed, isDevelopment: isDevelopment).admits(origin: origin, host: "h.example:80")
        }
        #expect(admits([], false) == standard)
        #expect(admits([], true) == development)
        #expect(admits(["https://Other.example"], false) == listed)
        #expect(admits(["*"], false) == star && admits(["*"], true) == star)
    }

    @Test("a page without a host, and a request without a host, have no common origin")
    func noHost() {
        #expect(!standard.admits(origin: "https://h.example", host: nil))
        #expect(!standard.admits(origin: "https://h.example", host: ""))
        #expect(standard.admits(host: nil) && development.admits(host: nil))
    }
}
