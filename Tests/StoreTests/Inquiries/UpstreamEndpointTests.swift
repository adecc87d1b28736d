import Testing

@testable import Events
@testable import Store

@Suite("UpstreamEndpoint")
struct UpstreamEndpointTests {
    @Test(
        "an address gives its parts, in one spelling",
        arguments: [
            ("https://api.example.com", "https", "api.example.com", 443, ""),
            ("http://api.example.com", "http", "api.example.com", 80, ""),
            ("HTTPS://API.Example.com:8443/", "https", "api.example.com", 8443, ""),
            ("http://127.0.0.1:9000/base/v2//", "http", "127.0.0.1", 9000, "/base/v2"),
            ("http://[::1]:9000", "http", "[::1]", 9000, ""),
            ("https://[2001:DB8::1]", "https", "[2001:db8::1]", 443, ""),
            ("http://video_api:80/a%2Fb", "http", "video_api", 80, "/a%2Fb"),
        ])
    func parts(_ text: String, _ scheme: String, _ host: String, _ port: Int, _ path: String) throws {
        let endpoint = try #require(UpstreamEndpoint(text))
        #expect((endpoint.scheme, endpoint.host, endpoint.port, endpoint.path) == (scheme, host, port, path))
        #expect(UpstreamEndpoint(endpoint.text) == endpoint)
    }

    @Test(
        "what two parsers could read in two ways is refused",
        arguments: [
            "", "example.com", "//example.com", "://example.com", "ftp://example.com", "file:///etc/passwd",
            "http://", "http:///path", "http://:80", "http://a:", "http://a:0", "http://a:65536", "http://a:+80",
            "http://a:80:80", "http://a:000080", "http://user@a", "http://user:word@a", "http://a@b:80", "http://a\\@b",
            "http://a?b", "http://a/?b", "http://a#b", "http://a/#b", "http://a b", "http://a/b c", "http://a\r\nX: y",
            "http://a/b\n", "http://é.com", "http://a/é", "http://a%2eb", "http://[::1", "http://::1", "http://[a]",
            "http://[::1]x", "http://[::1]@b", "http://a/..", "http://a/../b", "http://a/./b", "http://a/b\\c",
            " http://a", "http://a ", "http://" + String(repeating: "a", count: 254),
            "http://a/" + String(repeating: "b", count: 2048),
        ])
    func refused(_ text: String) { #expect(UpstreamEndpoint(text) == nil) }

    @Test("the same party is the same scheme, host and port, whatever the path")
    func sameParty() throws {
        let upstream = try #require(UpstreamEndpoint("https://api.example.com"))
        for same in ["https://api.example.com:443/x", "HTTPS://API.EXAMPLE.COM/"] {
            #expect(try #require(UpstreamEndpoint(same)).isSameParty(as: upstream))
        }
        for other in [
            "http://api.example.com", "http://api.example.com:443", "https://api.example.com:444",
            "https://api.example.com.", "https://example.com", "https://api.example.com.evil.com",
        ] {
            #expect(try !#require(UpstreamEndpoint(other)).isSameParty(as: upstream))
        }
    }

    @Test(
        "the external id is one segment, whatever is in it",
        arguments: [
            ("video_123-a.b~c", "video_123-a.b~c"), ("a/b", "a%2Fb"), ("../../admin", "..%2F..%2Fadmin"),
            ("x?y=1#z", "x%3Fy%3D1%23z"), ("100%", "100%25"), ("a b\r\n", "a%20b%0D%0A"), ("视频", "%E8%A7%86%E9%A2%91"),
            ("\u{0}", "%00"),
        ])
    func statusURL(_ id: String, _ segment: String) throws {
        let endpoint = try #require(UpstreamEndpoint("http://api.example.com/base/"))
        #expect(endpoint.statusURL(of: id) == "http://api.example.com:80/base/sora/v1/videos/" + segment)
    }
}
