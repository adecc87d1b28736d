import Cuttings
import HTTP
import Testing

@Suite("Request body")
struct RequestBodyTests {
    @Test("a body of announced length")
    func contentLength() {
        let outcome = decode("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        #expect(outcome.bodies == ["hello"])
        #expect(outcome.heads.first?.contentLength == 5)
    }

    @Test("a repeated equal length is one length")
    func sameLengthTwice() {
        let outcome = decode("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 05\r\nContent-Length: 5\r\n\r\nhello")
        #expect(outcome.bodies == ["hello"])
    }

    @Test("a request without a body has an empty one")
    func noBody() {
        #expect(decode("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").bodies == [""])
        #expect(decode("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").bodies == [""])
        #expect(decode("DELETE /a HTTP/1.1\r\nHost: a\r\n\r\n").bodies == [""])
    }

    @Test("chunks are put together; extensions and trailers are dropped")
    func chunked() {
        let outcome = decode(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "5\r\nhello\r\n1;name=\"v\"; x\r\n,\r\n0000A\r\n wide\r\nwrl\r\n0;x\r\nExpires: never\r\n\r\n")
        #expect(outcome.bodies == ["hello, wide\r\nwrl"])
        #expect(outcome.heads.first?.isChunked == true)
        #expect(outcome.heads.first?.contentLength == nil)
    }

    @Test("the body's limit is exact, and a length above it is refused with the head")
    func bodyLimit() {
        var limits = HTTPLimits()
        limits.maxBodyBytes = 4
        let post = "POST / HTTP/1.1\r\nHost: a\r\n"
        #expect(decode(post + "Content-Length: 4\r\n\r\nabcd", limits: limits).bodies == ["abcd"])
        let above = decode(post + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", limits: limits)
        #expect(above.error?.status == 413 && above.outputs.isEmpty)
        let chunked = post + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
        #expect(decode(chunked + "1\r\nd\r\n0\r\n\r\n", limits: limits).bodies == ["abcd"])
        #expect(decode(chunked + "2\r\nde\r\n0\r\n\r\n", limits: limits).error?.status == 413)
    }

    @Test("with Expect: 100-continue the head comes first, and the body when it is sent")
    func expectContinue() throws {
        var decoder = RequestDecoder()
        decoder.append(text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n")
        guard case .head(let head)? = try decoder.next() else { return #expect(Bool(false), "no head") }
        #expect(head.expectsContinue)
        #expect(try decoder.next() == nil)
        #expect(decoder.isInsideRequest)
        decoder.append(text: "ok")
        #expect(try decoder.next() == .body(Array("ok".utf8)))
        #expect(!decoder.isInsideRequest)
    }

    @Test("an expectation without a body, or in HTTP/1.0, is none")
    func vainExpectation() {
        let without = decode("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")
        #expect(without.heads.first?.expectsContinue == false)
        let old = decode("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx")
        #expect(old.heads.first?.expectsContinue == false && old.bodies == ["x"])
    }

    @Test("requests in one stream are read one after the other")
    func pipelining() {
        let outcome = decode(
            "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
                + "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n0\r\n\r\n"
                + "GET /4 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /5 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(outcome.heads.map(\.path) == ["/1", "/2", "/3", "/4", "/5"])
        #expect(outcome.bodies == ["x", "", "y", "", ""])
    }

    @Test("nothing is read after the last request of a connection")
    func afterClose() {
        let outcome = decode(
            "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(outcome.heads.map(\.path) == ["/1"])
        #expect(outcome.remainder.isEmpty)
    }

    @Test("nothing is read after an error")
    func afterError() {
        let outcome = decode("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(outcome.error?.status == 400 && outcome.outputs.isEmpty && outcome.remainder.isEmpty)
    }

    @Test("bytes after an upgrade's head are returned untouched, and HTTP is over")
    func remainder() throws {
        var decoder = RequestDecoder()
        decoder.append(text: "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}")
        guard case .head? = try decoder.next() else { return #expect(Bool(false), "no head") }
        #expect(decoder.takeRemainder() == [1, 2])
        decoder.append(text: "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try decoder.next() == nil)
        #expect(decoder.takeRemainder().isEmpty)
    }

    @Test(
        "a body that nobody wants is passed over, nothing of it is kept, and the next request is read",
        arguments: [
            "Content-Length: 30000\r\n\r\n" + String(repeating: "x", count: 30_000),
            "Transfer-Encoding: chunked\r\n\r\n7530\r\n" + String(repeating: "x", count: 30_000) + "\r\n0\r\n\r\n",
        ])
    func unwanted(body: String) throws {
        let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
        for cutting in Cutting.all(of: Array("POST / HTTP/1.1\r\nHost: a\r\n\(body)\(next)".utf8), random: 3) {
            var decoder = RequestDecoder()
            var paths: [String] = []
            var bodies: [[UInt8]] = []
            for piece in cutting.pieces {
                piece.withUnsafeBytes { decoder.append($0) }
                while let output = try decoder.next() {
                    switch output {
                    case .head(let head):
                        paths.append(head.path)
                        decoder.discardBody()
                    case .body(let body): bodies.append(body)
                    }
                }
                #expect(decoder.bodyBytes <= max(piece.count, 16), "\(cutting.name)")
            }
            #expect(paths == ["/", "/next"] && bodies == [[], []], "\(cutting.name)")
        }
    }

    @Test("a body that was returned whole cannot be skipped any more, and the next request's is not")
    func discardedTooLate() throws {
        var decoder = RequestDecoder()
        decoder.append(text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        while try decoder.next() != nil {}
        var isToCome = decoder.discardBody()
        #expect(!isToCome)
        decoder.append(text: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n")
        while try decoder.next() != nil {}
        isToCome = decoder.discardBody()
        #expect(isToCome)
    }

    @Test("the held bytes of a body are known while it arrives")
    func bodyBytes() throws {
        for (before, after) in [
            ("Content-Length: 1000\r\n\r\n", ""), ("Transfer-Encoding: chunked\r\n\r\n3e8\r\n", "\r\n0\r\n\r\n"),
        ] {
            var decoder = RequestDecoder()
            #expect(decoder.bodyBytes == 0)
            decoder.append(text: "POST / HTTP/1.1\r\nHost: a\r\n\(before)" + String(repeating: "x", count: 600))
            while try decoder.next() != nil {}
            #expect(decoder.bodyBytes == 600)
            decoder.discardBody()
            #expect(decoder.bodyBytes == 0)
            decoder.append(text: String(repeating: "x", count: 400) + after)
            #expect(try decoder.next() == .body([]))
        }
    }

    @Test(
        "a large body that comes byte by byte costs no more than its length", .timeLimit(.minutes(1)),
        arguments: [
            ("Content-Length: 200000\r\n\r\n", ""), ("Transfer-Encoding: chunked\r\n\r\n30d40\r\n", "\r\n0\r\n\r\n"),
        ])
    func largeBody(before: String, after: String) throws {
        var decoder = RequestDecoder()
        var bodyCount = 0
        let text = String(repeating: "x", count: 200_000)
        for byte in "POST / HTTP/1.1\r\nHost: a\r\n\(before)\(text)\(after)".utf8 {
            withUnsafeBytes(of: byte) { decoder.append($0) }
            if case .body(let body)? = try decoder.next() { bodyCount = body.count }
        }
        #expect(bodyCount == 200_000)
    }
}
