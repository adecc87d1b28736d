import Testing

@testable import HTTP

/// Feeds bytes in pieces, and collects what comes out up to the first error.
private struct Feeding {
    var outputs: [RequestDecoder.Output] = []
    var error: HTTPError?

    init(_ text: String, piece: Int, limits: HTTPLimits = HTTPLimits()) {
        var decoder = RequestDecoder(limits: limits)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            bytes[start..<min(bytes.count, start + piece)].withUnsafeBytes { decoder.append($0) }
            do throws(HTTPError) {
                while let output = try decoder.next() { outputs.append(output) }
            } catch {
                self.error = error
                return
            }
        }
    }
}

@Suite("RequestDecoder")
struct RequestDecoderTests {
    private func outputs(_ text: String) -> [RequestDecoder.Output] {
        let whole = Feeding(text, piece: text.utf8.count)
        for piece in [1, 2, 3, 7, 64] {
            let fed = Feeding(text, piece: piece)
            #expect(fed.outputs == whole.outputs, "in pieces of \(piece)")
            #expect(fed.error == nil)
        }
        #expect(whole.error == nil)
        return whole.outputs
    }

    private func status(_ text: String) -> Int? {
        let whole = Feeding(text, piece: text.utf8.count).error?.status
        for piece in [1, 3, 64] { #expect(Feeding(text, piece: piece).error?.status == whole, "in pieces of \(piece)") }
        return whole
    }

    private func head(_ text: String) throws -> RequestHead {
        guard case .head(let head)? = outputs(text).first else {
            throw HTTPError(status: 0, code: .badRequest, message: "no head")
        }
        return head
    }

    private func bodies(_ text: String) -> [String] {
        outputs(text).compactMap { if case .body(let body) = $0 { String(decoding: body, as: UTF8.self) } else { nil } }
    }

    @Test("a request is taken apart")
    func parts() throws {
        let head = try head("GET /api/v1/tasks/a%2Fb?since=3&q=x%20y HTTP/1.1\r\nHost: h:80\r\nX-Two: 1\r\nx-two: 2\r\n\r\n")
        #expect(head.method == "GET" && head.version == .http11 && head.host == "h:80")
        #expect(head.segments == ["api", "v1", "tasks", "a/b"])
        #expect(head.query["since"] == "3" && head.query["q"] == "x y")
        #expect(head.headers.lines(of: "X-TWO") == ["1", "2"])
        #expect(head.keepAlive && !head.hasBody)
    }

    @Test("bodies by length and in chunks, and requests one behind the other")
    func bodyForms() {
        let length = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
        let chunked =
            "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nwor\r\n2\r\nld\r\n0\r\nTrailer: x\r\n\r\n"
        let none = "GET /c HTTP/1.1\r\nHost: h\r\n\r\n"
        #expect(bodies(length + chunked + none + length) == ["hello", "world", "", "hello"])
    }

    @Test("keep-alive as HTTP/1.0 and 1.1 have it")
    func keepAlive() throws {
        #expect(try !head("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").keepAlive)
        #expect(try !head("GET / HTTP/1.0\r\n\r\n").keepAlive)
        #expect(try head("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keepAlive)
    }

    @Test("Expect: 100-continue is told with the head, before the body")
    func expects() throws {
        let text = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        #expect(try head(text).expectsContinue)
    }

    @Test(
        "shapes that could be read in two ways are refused with 400",
        arguments: [
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5x\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n folded\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX y: 1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX: a\u{0}b\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / \r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        ])
    func refused(_ text: String) { #expect(status(text) == 400) }

    @Test("what is too large or not spoken here has its own status")
    func otherStatuses() {
        let long = String(repeating: "x", count: 9000)
        #expect(status("GET / HTTP/1.1\r\nHost: h\r\nX: \(long)\r\n\r\n") == 431)
        #expect(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n") == 413)
        #expect(status("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n") == 413)
        #expect(status("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n") == 413)
        #expect(status("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n") == 501)
        #expect(status("GET / HTTP/2.0\r\nHost: h\r\n\r\n") == 505)
    }

    @Test("what follows an upgrade's head is handed over untouched")
    func remainder() throws {
        var decoder = RequestDecoder()
        Array("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n\u{81}rest".utf8).withUnsafeBytes { decoder.append($0) }
        _ = try decoder.next()
        #expect(String(decoding: decoder.takeRemainder(), as: UTF8.self) == "\u{81}rest")
        #expect(try decoder.next() == nil)
    }
}
