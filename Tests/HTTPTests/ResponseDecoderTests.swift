import Cuttings
import HTTP
import Testing

@Suite("Response decoder")
struct ResponseDecoderTests {
    /// The responses in `input`, in any cutting; nil after an error. `ends`: the connection ends after it.
    private func responses(_ input: String, isHead: Bool = false, ends: Bool = false) -> [Response?] {
        let cuttings = Cutting.all(of: Array(input.utf8))
        let whole = decode(cuttings[0], isHead: isHead, ends: ends)
        for cutting in cuttings { #expect(decode(cutting, isHead: isHead, ends: ends) == whole, "\(cutting.name)") }
        return whole
    }

    private func decode(_ cutting: Cutting, isHead: Bool, ends: Bool) -> [Response?] {
        var decoder = ResponseDecoder()
        var responses: [Response?] = []
        for piece in cutting.pieces {
            piece.withUnsafeBytes { decoder.append($0) }
            do {
                while let response = try decoder.next(isHead: isHead) { responses.append(response) }
            } catch {
                responses.append(nil)
            }
        }
        if ends, let last = decoder.finish() { responses.append(last) }
        return responses
    }

    @Test("bodies by length, by chunks and by the end of the connection")
    func bodies() {
        let found = responses(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
                + "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n"
                + "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.0 500 \r\nX: y\r\n\r\nrest", ends: true)
        #expect(found.map { $0?.status } == [200, 404, 204, 500])
        #expect(found.map { String(decoding: $0?.body ?? [], as: UTF8.self) } == ["ab", "c", "", "rest"])
        #expect(found.last??.headers["x"] == "y")
    }

    @Test("interim responses are skipped")
    func interim() {
        let found = responses(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        #expect(found.map { $0?.status } == [201])
    }

    @Test("an answer to HEAD has a length and no body")
    func head() {
        #expect(responses("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", isHead: true).count == 1)
    }

    @Test("a truncated response does not count")
    func cutShort() {
        #expect(responses("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", ends: true).isEmpty)
        #expect(responses("HTTP/1.1 200 OK\r\n", ends: true).isEmpty)
    }

    @Test("after 101 the bytes are the new protocol's")
    func upgrade() throws {
        var decoder = ResponseDecoder()
        Array("HTTP/1.1 101 Switching\r\n\r\nab".utf8).withUnsafeBytes { decoder.append($0) }
        #expect(try decoder.next()?.status == 101)
        #expect(try decoder.next() == nil)
        Array("c".utf8).withUnsafeBytes { decoder.append($0) }
        #expect(decoder.takeRemainder() == Array("abc".utf8))
    }

    @Test(
        "bytes that are no HTTP are refused",
        arguments: [
            "HTTP/2.0 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\n\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1_048_577),
        ])
    func refused(input: String) {
        var decoder = ResponseDecoder()
        Array(input.utf8).withUnsafeBytes { decoder.append($0) }
        #expect(throws: HTTPError.self) { while try decoder.next() != nil {} }
        #expect(decoder.finish() == nil)
    }

    @Test("the server reads the client's request")
    func requests() {
        let get = ClientRequest(method: "GET", target: "/a?b=c", headers: ["Host": "h"])
        let post = ClientRequest(method: "POST", target: "/e", headers: ["Host": "h"], body: Array("xy".utf8))
        let empty = ClientRequest(method: "POST", target: "/e", headers: ["Host": "h"])
        let outcome = HTTPTests.decode(get.encode() + post.encode() + empty.encode())
        #expect(outcome.heads.map(\.method) == ["GET", "POST", "POST"])
        #expect(outcome.bodies == ["", "xy", ""])
        #expect(outcome.heads.first?.query["b"] == "c")
    }
}
