import HTTP
import Testing

@testable import WebSocket

@Suite("Handshake")
struct HandshakeTests {
    private func head(_ changes: [String: String?] = [:], target: String = "/ws") throws -> RequestHead {
        var fields: [String: String] = [
            "Host": "h", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        for (name, value) in changes { fields[name] = value }
        let lines = fields.map { "\($0): \($1)\r\n" }.joined()
        var decoder = RequestDecoder()
        Array("GET \(target) HTTP/1.1\r\n\(lines)\r\n".utf8).withUnsafeBytes { decoder.append($0) }
        guard case .head(let head)? = try decoder.next() else { throw HTTPError(status: 0, code: .badRequest, message: "") }
        return head
    }

    private func status(_ changes: [String: String?], target: String = "/ws") throws -> Int? {
        let head = try head(changes, target: target)
        do throws(HandshakeRejection) {
            _ = try Handshake.accept(head: head, subprotocols: [], allowDeflate: true)
            return nil
        } catch { return error.response.status }
    }

    @Test("the example of RFC 6455 1.3 is answered as it says")
    func example() throws {
        let answer = try Handshake.accept(head: head(), subprotocols: [], allowDeflate: true)
        let text = String(decoding: answer.response, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 101 "))
        #expect(text.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        #expect(!answer.deflate && answer.subprotocol == nil)
    }

    @Test("the first subprotocol of the client's that is ours is chosen")
    func subprotocol() throws {
        let head = try head(["Sec-WebSocket-Protocol": "x, fantail.tasks, fantail.jobs"])
        let answer = try Handshake.accept(head: head, subprotocols: ["fantail.jobs", "fantail.tasks"], allowDeflate: true)
        #expect(answer.subprotocol == "fantail.tasks")
        #expect(String(decoding: answer.response, as: UTF8.self).contains("Sec-WebSocket-Protocol: fantail.tasks\r\n"))
    }

    @Test("the first acceptable offer of compression is taken, unless it is not allowed")
    func deflate() throws {
        let offer = "permessage-deflate; server_max_window_bits=9, permessage-deflate"
        let head = try head(["Sec-WebSocket-Extensions": offer])
        #expect(try Handshake.accept(head: head, subprotocols: [], allowDeflate: true).deflate)
        #expect(try !Handshake.accept(head: head, subprotocols: [], allowDeflate: false).deflate)
    }

    @Test("refusals have the right status")
    func refusals() throws {
        #expect(try status(["Sec-WebSocket-Version": "8"]) == 426)
        #expect(try status(["Sec-WebSocket-Version": nil]) == 426)
        #expect(try status(["Upgrade": "h2c"]) == 426)
        #expect(try status(["Connection": "close"]) == 426)
        for key in [nil, "", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ!=", "dGhlIHNhbXBsZSBub25jZTEyMw=="] {
            #expect(try status(["Sec-WebSocket-Key": key]) == 400, "\(key ?? "none")")
        }
        #expect(try status([:], target: "/ws?EIO=4&transport=websocket") == 400)
    }
}
