import Cuttings
import HTTP
import Testing

@testable import WebSocket

@Suite("Handshake, client side (RFC 6455 4.1)")
struct ClientHandshakeTests {
    private let handshake = ClientHandshake(
        host: "h:1", target: "/ws?token=t", key: Array("the sample nonce".utf8), subprotocols: ["a", "b"],
        headers: ["Origin": "http://h"], offersDeflate: true)

    private static let good = """
        HTTP/1.1 101 Switching Protocols\r
        Upgrade: WebSocket\r
        Connection: upgrade\r
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r

        """

    /// The result of a reply, in any cutting.
    private func reply(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> ReplyOutcome {
        let cuttings = Cutting.all(of: Array(text.utf8))
        let whole = reply(cuttings[0])
        for cutting in cuttings { #expect(reply(cutting) == whole, "\(cutting.name)", sourceLocation: sourceLocation) }
        return whole
    }

    private struct ReplyOutcome: Equatable {
        var agreement: ClientHandshake.Agreement?
        var error: ClientHandshakeError?
        var remainder: [UInt8] = []
    }

    private func reply(_ cutting: Cutting) -> ReplyOutcome {
        var handshake = handshake
        var outcome = ReplyOutcome()
        for piece in cutting.pieces {
            piece.withUnsafeBytes { handshake.append($0) }
            do throws(ClientHandshakeError) {
                if let agreement = try handshake.next() { outcome.agreement = agreement }
            } catch {
                outcome.error = error
            }
        }
        outcome.remainder = handshake.takeRemainder()
        return outcome
    }

    @Test("the client's request is accepted by the server")
    func request() throws {
        let head = try RequestHead(parsing: handshake.request)
        #expect(head.host == "h:1" && head.target == "/ws?token=t" && head.headers["Origin"] == "http://h")
        let acceptance = try ServerHandshake.accept(head: head, subprotocols: ["b"], allowDeflate: true)
        let outcome = reply(String(decoding: acceptance.response, as: UTF8.self) + "xyz")
        #expect(outcome.agreement == ClientHandshake.Agreement(subprotocol: "b", deflate: true))
        #expect(outcome.remainder == Array("xyz".utf8))
    }

    @Test("a server need not choose anything")
    func plain() {
        #expect(reply(Self.good + "\r\n").agreement == ClientHandshake.Agreement(subprotocol: nil, deflate: false))
    }

    @Test("a server may name its own window")
    func serverWindow() {
        let answer = "permessage-deflate; server_no_context_takeover; server_max_window_bits=9"
        let reply = reply(Self.good + "Sec-WebSocket-Extensions: \(answer)\r\n\r\n")
        #expect(reply.agreement?.deflate == true)
    }

    @Test(
        "a reply that agrees to something else is refused",
        arguments: [
            "Sec-WebSocket-Protocol: c", "Sec-WebSocket-Protocol: a, b",
            "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a",
            "Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Extensions: x",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_max_window_bits=9",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover, x",
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; what",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        ])
    func otherAgreement(line: String) {
        let outcome = reply(Self.good + line + "\r\n\r\n")
        #expect(outcome.agreement == nil && outcome.error?.response?.status == 101)
    }

    @Test("an accept that does not match, or is missing, is refused")
    func accept() {
        #expect(reply(Self.good.replacing("s3pP", with: "S3pP") + "\r\n").error != nil)
        #expect(reply("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n").error != nil)
        #expect(reply(Self.good.replacing("WebSocket", with: "h2c") + "\r\n").error != nil)
        #expect(reply(Self.good.replacing("upgrade", with: "close") + "\r\n").error != nil)
    }

    @Test("a refusal's status and body reach the caller")
    func refusal() {
        let error = reply("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno").error
        #expect(error?.response?.status == 401)
        #expect(error?.response?.body == Array("no".utf8))
        #expect(error?.message == "the server answered 401")
    }

    @Test("a refusal without a length ends with the connection")
    func refusalToEnd() throws {
        var handshake = handshake
        Array("HTTP/1.0 503 X\r\n\r\nbusy".utf8).withUnsafeBytes { handshake.append($0) }
        #expect(try handshake.next() == nil)
        #expect(handshake.finish().response?.body == Array("busy".utf8))
        #expect(handshake.finish().response == nil)
    }

    @Test("bytes that are no HTTP are refused")
    func noHTTP() {
        #expect(reply("+PONG\r\n\r\n").error?.response == nil)
        #expect(reply("+PONG\r\n\r\n").error != nil)
    }
}
