import HTTP
import Testing

@Suite("Response")
struct ResponseEncodingTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("has length, connection and body")
    func whole() {
        let response = Response.json(Array("{}".utf8))
        #expect(
            text(response.encode(keepAlive: true))
                == "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                + "Connection: keep-alive\r\n\r\n{}")
    }

    @Test(
        "has the reason phrase of its status", arguments: [(308, "Permanent Redirect"), (421, "Misdirected Request")])
    func reason(status: Int, phrase: String) {
        #expect(text(Response(status: status).encode(keepAlive: true)).hasPrefix("HTTP/1.1 \(status) \(phrase)\r\n"))
    }

    @Test("to HEAD has the length of the body that GET would get, and no body")
    func head() {
        let response = Response(status: 200, body: Array("abc".utf8))
        #expect(
            text(response.encode(keepAlive: false, isHead: true))
                == "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n")
    }

    @Test("of 204 and 304 has no length", arguments: [204, 304])
    func withoutBody(status: Int) {
        #expect(!text(Response(status: status).encode(keepAlive: true)).contains("Content-Length"))
    }

    @Test("of an error carries code, message and the fields that go with it")
    func error() {
        let response = Response.error(405, .methodNotAllowed, "only GET", headers: ["Allow": "GET, HEAD"])
        #expect(
            text(response.encode(keepAlive: true))
                == "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Type: application/json\r\n"
                + "Content-Length: 60\r\nConnection: keep-alive\r\n\r\n"
                + #"{"error":{"code":"METHOD_NOT_ALLOWED","message":"only GET"}}"#)
    }

    @Test("of an error is JSON whatever the message contains")
    func escaping() {
        let body = Response.error(400, .badRequest, "a\"b\\c\n\u{1f}é").body
        #expect(text(body) == #"{"error":{"code":"BAD_REQUEST","message":"a\"b\\c\u000a\u001fé"}}"#)
    }

    @Test("a value with line ends cannot split a response")
    func splitting() {
        let response = Response(status: 302, headers: ["Location": "/a\r\nSet-Cookie: b", "X\n": "\0"])
        let bytes = response.encode(keepAlive: true)
        #expect(text(bytes).hasPrefix("HTTP/1.1 302 Found\r\nLocation: /a  Set-Cookie: b\r\nX :  \r\n"))
    }

    @Test("without an announced end closes the connection")
    func openEnded() {
        let response = Response(status: 200, headers: ["Content-Type": "text/event-stream"], body: Array(":\n".utf8))
        #expect(
            text(response.encodeOpenEnded())
                == "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n:\n")
    }

    @Test("every status that is answered has a phrase")
    func phrases() {
        let statuses = [400, 401, 403, 404, 405, 408, 409, 411, 413, 415, 417, 422, 426, 429, 431, 500, 501, 503, 505]
        for status in statuses {
            #expect(!text(Response(status: status).encode(keepAlive: true)).contains("Status"), "\(status)")
        }
    }
}
