import HTTP
import Testing

/// A request that must be refused, and the status of the refusal.
struct Hostile: Sendable, CustomTestStringConvertible {
    var what: String
    var bytes: [UInt8]
    var status: Int

    init(_ what: String, _ text: String, _ status: Int = 400) {
        (self.what, bytes, self.status) = (what, Array(text.utf8), status)
    }

    /// A GET with these fields, after a good `Host`.
    static func field(_ what: String, _ lines: String, _ status: Int = 400) -> Hostile {
        Hostile(what, "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", status)
    }

    /// A POST with these fields.
    static func post(_ what: String, _ lines: String, _ status: Int = 400, body: String = "") -> Hostile {
        Hostile(what, "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n\(body)", status)
    }

    /// A POST with a chunked body.
    static func chunks(_ what: String, _ body: String, _ status: Int = 400) -> Hostile {
        post(what, "Transfer-Encoding: chunked", status, body: body)
    }

    var testDescription: String { what }
}

@Suite("Hostile requests")
struct HostileRequestTests {
    @Test(
        "a malformed request line is refused",
        arguments: [
            Hostile("no version", "GET /\r\n\r\n"),
            Hostile("two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
            Hostile("space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
            Hostile("space at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
            Hostile("space at the start", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            Hostile("tab instead of space", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n"),
            Hostile("no method", "/ HTTP/1.1\r\nHost: a\r\n\r\n"),
            Hostile("method is not a token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
            Hostile("unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            Hostile("lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            Hostile("PROPFIND", "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            Hostile("CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
            Hostile("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
            Hostile("HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", 505),
            Hostile("lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n"),
            Hostile("version of two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
            Hostile("another protocol", "GET / ICAP/1.0\r\nHost: a\r\n\r\n"),
            Hostile("bare LF", "GET / HTTP/1.1\nHost: a\n\n"),
            Hostile("bare LF after CRLF", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
            Hostile("bare CR", "GET / HTTP/1.1\rHost: a\r\n\r\n"),
            Hostile("NUL", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
            Hostile("a TLS hello", "\u{16}\u{3}\u{1}\u{2}\0\u{1}"),
        ])
    func requestLine(_ hostile: Hostile) { refuses(hostile) }

    @Test(
        "malformed fields are refused",
        arguments: [
            .field("space before the colon", "X : y"), .field("tab before the colon", "X\t: y"),
            .field("no colon", "X"), .field("no name", ": y"), .field("name is not a token", "X@: y"),
            .field("space in the name", "X Y: z"), .field("folded with a space", "X: y\r\n z"),
            .field("folded with a tab", "X: y\r\n\tz"), .field("bare LF", "X: y\nZ: w"), .field("bare CR", "X: y\rz"),
            .field("CR CR LF", "X: y\r"), .field("NUL in a value", "X: \0"), .field("DEL in a value", "X: \u{7f}"),
            .field("escape in a value", "X: \u{1b}"), .field("NUL in a name", "X\0: y"),
            .field("a second Host", "Host: b"), .field("unknown expectation", "Expect: 200-ok", 417),
            .field("unknown expectation beside 100", "Expect: 100-continue, x", 417),
            Hostile("fold before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
            Hostile("no Host", "GET / HTTP/1.1\r\n\r\n"), Hostile("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
            Hostile("two hosts in Host", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
            Hostile("userinfo in Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
            Hostile("path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
            Hostile("space in Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        ] as [Hostile])
    func fields(_ hostile: Hostile) { refuses(hostile) }

    @Test("the error names a folded line")
    func foldedMessage() {
        let outcome = decode("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n Z: w\r\n\r\n")
        #expect(outcome.error?.message == "a header field is folded")
    }

    @Test(
        "a body whose end two parsers could see differently is refused",
        arguments: [
            .post("both framings", "Content-Length: 3\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n"),
            .post("both framings, other order", "Transfer-Encoding: chunked\r\nContent-Length: 3"),
            .post("different lengths", "Content-Length: 3\r\nContent-Length: 4"),
            .post("different lengths in a list", "Content-Length: 3, 4"),
            .post("an empty member in a list", "Content-Length: 3,"), .post("empty length", "Content-Length:"),
            .post("negative length", "Content-Length: -1"), .post("signed length", "Content-Length: +3"),
            .post("hexadecimal length", "Content-Length: 0x3"), .post("length with a space", "Content-Length: 1 2"),
            .post("length with a unit", "Content-Length: 3b"), .post("fraction", "Content-Length: 3.0"),
            .post("full-width digits", "Content-Length: \u{FF13}"),
            .post("length above the bound", "Content-Length: 1048577", 413),
            .post("length above 64 bits", "Content-Length: 18446744073709551617", 413),
            .post("absurd length", "Content-Length: \(String(repeating: "9", count: 400))", 413),
            .post("no length", "X: y", 411), .post("empty coding", "Transfer-Encoding:"),
            .post("chunked twice", "Transfer-Encoding: chunked, chunked"),
            .post("chunked twice in two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            .post("another coding", "Transfer-Encoding: gzip", 501),
            .post("another coding before", "Transfer-Encoding: gzip, chunked", 501),
            .post("another coding after", "Transfer-Encoding: chunked, identity", 501),
            .post("a coding like chunked", "Transfer-Encoding: xchunked", 501),
            .post("chunked with a vertical tab", "Transfer-Encoding: \u{b}chunked", 400),
            Hostile("chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ] as [Hostile])
    func framing(_ hostile: Hostile) { refuses(hostile) }

    @Test(
        "malformed chunks are refused",
        arguments: [
            .chunks("no size", "\r\n"), .chunks("not hexadecimal", "g\r\n"), .chunks("0x", "0x1\r\na\r\n"),
            .chunks("negative", "-1\r\n"), .chunks("signed", "+1\r\na\r\n"), .chunks("space before", " 1\r\na\r\n"),
            .chunks("space behind", "1 \r\na\r\n"), .chunks("17 digits", "00000000000000001\r\na\r\n"),
            .chunks("2^64 - 1", "ffffffffffffffff\r\n", 413), .chunks("2^63", "8000000000000000\r\n", 413),
            .chunks("above the bound", "100001\r\n", 413), .chunks("bare LF behind the size", "1\na\r\n"),
            .chunks("data too long", "1\r\nab\r\n"), .chunks("bare LF behind the data", "1\r\na\n"),
            .chunks("control character in an extension", "1;\u{1}\r\na\r\n"),
            .chunks("bare CR in an extension", "1;a\rb\r\na\r\n"),
            .chunks("long extension", "1;\(String(repeating: "x", count: 1024))\r\na\r\n"),
            .chunks("endless size line", "1;\(String(repeating: "x", count: 3000))"),
            .chunks("many extensions", String(repeating: "1;\(String(repeating: "x", count: 99))\r\na\r\n", count: 11)),
            .chunks("malformed trailer", "0\r\nX : y\r\n\r\n"), .chunks("bare LF in a trailer", "0\r\nX: y\n\r\n"),
            .chunks("bare LF as trailer's end", "0\r\n\n"),
            .chunks("long trailer", "0\r\nX: \(String(repeating: "x", count: 4096))\r\n\r\n", 431),
            .chunks("many trailers", "0\r\n\(String(repeating: "X:\r\n", count: 101))\r\n", 431),
        ] as [Hostile])
    func chunks(_ hostile: Hostile) { refuses(hostile) }

    @Test("random bytes never trap and give at most one error")
    func noise() {
        var random = SystemRandomNumberGenerator()
        let parts = ["GET ", "/", " HTTP/1.1", "\r\n", "Host: a", "Content-Length: 5", "\0", "Expect: 100-continue"]
        for _ in 0..<300 {
            let text = (0..<12).map { _ in parts.randomElement(using: &random)! }.joined()
            _ = decode(text)
        }
    }

    private func refuses(_ hostile: Hostile) {
        let outcome = decode(hostile.bytes)
        #expect(outcome.error?.status == hostile.status, "\(outcome.error?.message ?? "no error")")
        #expect(outcome.error?.code == (hostile.status == 413 || hostile.status == 431 ? .tooLarge : .badRequest))
        #expect(outcome.bodies.isEmpty)
    }
}
