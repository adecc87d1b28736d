import HTTP
import Testing

@Suite("Request head")
struct RequestHeadTests {
    private func read(_ text: String) -> RequestHead? {
        let outcome = decode(text)
        #expect(outcome.error == nil)
        return outcome.heads.first
    }

    @Test("a browser's handshake is parsed")
    func browserHandshake() throws {
        let head = try #require(
            read(
                "GET /ws?token=a.b-c_d&x HTTP/1.1\r\nHost: localhost:8000\r\nConnection: keep-alive, Upgrade\r\n"
                    + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"))
        #expect(head.method == "GET")
        #expect(head.target == "/ws?token=a.b-c_d&x")
        #expect(head.path == "/ws")
        #expect(head.segments == ["ws"])
        #expect(head.query["token"] == "a.b-c_d")
        #expect(head.query["x"] == "")
        #expect(head.query["y"] == nil)
        #expect(head.version == .http11)
        #expect(head.host == "localhost:8000")
        #expect(head.headers["UPGRADE"] == "websocket")
        #expect(head.headers.has("upgrade", in: "connection"))
        #expect(head.framing == .noBody)
        #expect(head.keepAlive && !head.expectsContinue && !head.hasBody)
    }

    @Test(
        "the connection stays open as version and Connection say",
        arguments: [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: Close\r\n", false),
            ("1.1", "Connection: x, close\r\n", false), ("1.1", "Connection: x\r\nConnection: close\r\n", false),
            ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
            ("1.0", "Connection: keep-alive, close\r\n", false), ("1.2", "", true),
        ])
    func keepAlive(version: String, fields: String, expected: Bool) throws {
        #expect(try #require(read("GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")).keepAlive == expected)
    }

    @Test("HTTP/1.0 needs no Host")
    func oldVersionWithoutHost() throws {
        let head = try #require(read("GET / HTTP/1.0\r\n\r\n"))
        #expect(head.version == .http10 && head.host == nil)
    }

    @Test("empty lines before the request are skipped, up to the limit")
    func leadingEmptyLines() {
        #expect(read("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")?.path == "/")
        #expect(decode("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").error?.status == 400)
    }

    @Test("a URL as target wins over Host")
    func absoluteForm() throws {
        let head = try #require(read("GET HTTP://b:81?q=1 HTTP/1.1\r\nHost: a\r\n\r\n"))
        #expect(head.host == "b:81" && head.path == "/" && head.segments.isEmpty && head.query["q"] == "1")
        #expect(try #require(read("GET https://b/x HTTP/1.1\r\nHost: a\r\n\r\n")).segments == ["x"])
    }

    @Test("the asterisk is a target of OPTIONS only")
    func asteriskForm() {
        #expect(read("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")?.path == "*")
        #expect(decode("GET * HTTP/1.1\r\nHost: a\r\n\r\n").error?.status == 400)
    }

    @Test("values are trimmed; tabs, Latin-1 and empty values are accepted")
    func values() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost:a\r\nA: \t x\ty \t\r\nB:\r\nC: caf".utf8) + [0xE9, 13, 10, 13, 10]
        let head = try #require(decode(bytes).heads.first)
        #expect(head.headers["a"] == "x\ty")
        #expect(head.headers["b"] == "")
        #expect(head.headers["c"] == "caf\u{FFFD}")
    }

    @Test("the head's limit is exact")
    func headLimit() {
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        var limits = HTTPLimits()
        limits.maxHeadBytes = start.utf8.count + 10 + 4
        #expect(decode(start + String(repeating: "x", count: 10) + "\r\n\r\n", limits: limits).heads.count == 1)
        let above = decode(start + String(repeating: "x", count: 11) + "\r\n\r\n", limits: limits)
        #expect(above.error?.status == 431 && above.error?.code == .tooLarge)
    }

    @Test("the number of fields is limited")
    func fieldLimit() {
        let fields = String(repeating: "X: y\r\n", count: 99)
        #expect(decode("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n").heads.count == 1)
        #expect(decode("GET / HTTP/1.1\r\nHost: a\r\n\(fields)X: y\r\n\r\n").error?.status == 431)
    }

    @Test("a head without an end is refused at the limit, however long it goes on")
    func endlessHead() {
        var decoder = RequestDecoder()
        decoder.append(text: "GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 8 * 1024))
        #expect(throws: HTTPError.self) { try decoder.next() }
        #expect(!decoder.isInsideRequest)
    }

    @Test("a head that is whole can be read by itself")
    func parsing() throws {
        let head = try RequestHead(parsing: Array("GET /a HTTP/1.1\r\nHost: b\r\n\r\n".utf8))
        #expect(head.path == "/a")
        for text in ["", "\r\n", "GET /a HTTP/1.1\r\n", "GET /a HTTP/1.1\nHost: b\n\n", "GET / HTTP/1.0\r\n\r\nx"] {
            #expect(throws: HTTPError.self, "\(text)") { try RequestHead(parsing: Array(text.utf8)) }
        }
    }
}
