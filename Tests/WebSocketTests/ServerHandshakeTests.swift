import HTTP
import Testing
import WebSocket

@Suite("Handshake, server side (RFC 6455 4.2)")
struct ServerHandshakeTests {
    /// A handshake; `changes` replaces the fields of that name, nil removes them.
    static func head(
        _ line: String = "GET /ws HTTP/1.1", _ changes: [(String, String?)] = []
    ) throws -> RequestHead {
        var fields = [
            ("Host", "a"), ("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
        ]
        for (name, _) in changes { fields.removeAll { $0.0 == name } }
        for case (let name, let value?) in changes { fields.append((name, value)) }
        let text = line + "\r\n" + fields.map { "\($0.0): \($0.1)\r\n" }.joined() + "\r\n"
        return try RequestHead(parsing: Array(text.utf8))
    }

    private func accept(
        _ head: RequestHead, subprotocols: [String] = [], allowDeflate: Bool = true
    ) throws(HandshakeRejection) -> (acceptance: ServerHandshake.Acceptance, response: Response?) {
        let acceptance = try ServerHandshake.accept(head: head, subprotocols: subprotocols, allowDeflate: allowDeflate)
        var decoder = ResponseDecoder()
        acceptance.response.withUnsafeBytes { decoder.append($0) }
        return (acceptance, try? decoder.next())
    }

    private func rejection(_ head: RequestHead) throws -> Response {
        let error = #expect(throws: HandshakeRejection.self) {
            try ServerHandshake.accept(head: head, subprotocols: [], allowDeflate: true)
        }
        return try #require(error).response
    }

    @Test("the example of RFC 6455 1.3 is answered as there")
    func example() throws {
        let (acceptance, response) = try accept(Self.head())
        #expect(response?.status == 101)
        #expect(response?.headers["Upgrade"] == "websocket")
        #expect(response?.headers["Connection"] == "Upgrade")
        #expect(response?.headers["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(response?.headers["Sec-WebSocket-Protocol"] == nil)
        #expect(response?.headers["Sec-WebSocket-Extensions"] == nil)
        #expect(acceptance.subprotocol == nil && !acceptance.deflate)
    }

    @Test("words compare without case")
    func words() throws {
        let head = try Self.head("GET /ws HTTP/1.1", [("Upgrade", "h2c, WebSocket"), ("Connection", "UPGRADE")])
        #expect(ServerHandshake.isWanted(by: head))
        #expect(try accept(head).response?.status == 101)
    }

    @Test("the client's first subprotocol that the server has is chosen")
    func subprotocols() throws {
        let head = try Self.head("GET / HTTP/1.1", [("Sec-WebSocket-Protocol", "x, fantail.tasks, fantail.jobs")])
        let chosen = try accept(head, subprotocols: ["fantail.jobs", "fantail.tasks"])
        #expect(chosen.acceptance.subprotocol == "fantail.tasks")
        #expect(chosen.response?.headers["Sec-WebSocket-Protocol"] == "fantail.tasks")
        #expect(try accept(head, subprotocols: ["y"]).acceptance.subprotocol == nil)
        #expect(ServerHandshake.offeredSubprotocols(head) == ["x", "fantail.tasks", "fantail.jobs"])
    }

    @Test(
        "a request that is no handshake is 400",
        arguments: [
            ("GET / HTTP/1.1", "Upgrade", nil), ("GET / HTTP/1.1", "Upgrade", "h2c"),
            ("GET / HTTP/1.1", "Connection", nil),
            ("GET / HTTP/1.1", "Connection", "close"), ("GET / HTTP/1.0", "X", nil), ("DELETE / HTTP/1.1", "X", nil),
            ("GET / HTTP/1.1", "Content-Length", "1"), ("GET / HTTP/1.1", "Sec-WebSocket-Key", nil),
            ("GET / HTTP/1.1", "Sec-WebSocket-Key", ""), ("GET / HTTP/1.1", "Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="),
            ("GET / HTTP/1.1", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==="),
            ("GET / HTTP/1.1", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQAA"),
            ("GET / HTTP/1.1", "Sec-WebSocket-Key", "dGhlIHNhbXBsZ!Bub25jZQ=="),
            ("GET / HTTP/1.1", "Sec-WebSocket-Extensions", "a b"),
            ("GET / HTTP/1.1", "Sec-WebSocket-Extensions", "a; b=c=d"),
            ("GET / HTTP/1.1", "Sec-WebSocket-Extensions", "a; b=\"c d\""),
        ] as [(String, String, String?)])
    func refused(line: String, name: String, value: String?) throws {
        let response = try rejection(Self.head(line, [(name, value)]))
        #expect(response.status == 400)
        #expect(String(decoding: response.body, as: UTF8.self).hasPrefix(#"{"error":{"code":"BAD_REQUEST","#))
    }

    @Test("two keys are 400")
    func twoKeys() throws {
        var head = try Self.head()
        head.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        #expect(try rejection(head).status == 400)
    }

    @Test("another version gets 426 and the server's version", arguments: [nil, "8", "14", "13, 8", "013", ""])
    func version(text: String?) throws {
        let response = try rejection(Self.head("GET / HTTP/1.1", [("Sec-WebSocket-Version", text)]))
        #expect(response.status == 426)
        #expect(response.headers["Sec-WebSocket-Version"] == "13")
    }

    private static let answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    @Test(
        "permessage-deflate is agreed without context takeover, or declined",
        arguments: [
            ("permessage-deflate", answer), ("permessage-deflate; client_max_window_bits", answer),
            ("permessage-deflate; client_max_window_bits=8", answer),
            ("permessage-deflate; client_no_context_takeover; server_no_context_takeover", answer),
            ("permessage-deflate; server_max_window_bits=15", answer + "; server_max_window_bits=15"),
            ("permessage-deflate; server_max_window_bits=\"15\"", answer + "; server_max_window_bits=15"),
            ("permessage-deflate; server_max_window_bits=9", answer + "; server_max_window_bits=9"),
            ("permessage-deflate; server_max_window_bits=14", answer + "; server_max_window_bits=14"),
            ("permessage-deflate; server_max_window_bits=8", nil),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", answer),
            (
                "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=12",
                answer + "; server_max_window_bits=12"
            ),
            ("x-webkit-deflate-frame, permessage-deflate", answer), ("x-webkit-deflate-frame", nil),
            ("permessage-deflate; server_max_window_bits", nil), ("permessage-deflate; server_max_window_bits=16", nil),
            ("permessage-deflate; server_max_window_bits=015", nil),
            ("permessage-deflate; client_max_window_bits=7", nil),
            ("permessage-deflate; server_no_context_takeover=1", nil), ("permessage-deflate; what", nil),
            ("permessage-deflate; client_max_window_bits; client_max_window_bits", nil), ("PerMessage-Deflate", nil),
            ("", nil),
        ] as [(String, String?)])
    func deflate(offer: String, expected: String?) throws {
        let head = try Self.head("GET / HTTP/1.1", [("Sec-WebSocket-Extensions", offer)])
        let (acceptance, response) = try accept(head)
        #expect(acceptance.deflate == (expected != nil))
        let namesWindow = expected?.contains("server_max_window_bits=") ?? false
        #expect(acceptance.needsNarrowWindow == (namesWindow && expected?.hasSuffix("=15") == false))
        #expect(response?.headers["Sec-WebSocket-Extensions"] == expected)
        #expect(try !accept(head, allowDeflate: false).acceptance.deflate)
    }
}
