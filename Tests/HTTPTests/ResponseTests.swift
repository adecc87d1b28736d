import HTTP
import Testing

@Suite("Response")
struct ResponseTests {
    private func text(_ response: Response, keepAlive: Bool = true, isHead: Bool = false) -> String {
        String(decoding: response.encode(keepAlive: keepAlive, isHead: isHead), as: UTF8.self)
    }

    @Test("length and connection are written, the body follows")
    func whole() {
        let answer = text(.json(Array(#"{"a":1}"#.utf8)))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("Content-Length: 7\r\n") && answer.contains("Content-Type: application/json\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n{\"a\":1}"))
        #expect(text(.json([]), keepAlive: false).contains("Connection: close\r\n"))
    }

    @Test("HEAD has the length and no body")
    func head() {
        let answer = text(.json(Array("{}".utf8)), isHead: true)
        #expect(answer.contains("Content-Length: 2\r\n") && answer.hasSuffix("\r\n\r\n"))
    }

    @Test("errors have code and message, escaped, and the fields that go with them")
    func errors() {
        let answer = text(.error(405, .methodNotAllowed, "say \"please\"\n", headers: ["Allow": "GET"]))
        #expect(answer.hasPrefix("HTTP/1.1 405 ") && answer.contains("Allow: GET\r\n"))
        #expect(answer.hasSuffix(#"{"error":{"code":"METHOD_NOT_ALLOWED","message":"say \"please\"\u000a"}}"#))
    }
}
