public import HTTP

/// Why a handshake is refused: the answer to send, before the connection is closed.
public struct HandshakeRejection: Error, Equatable, Sendable {
    /// 400, or 426 with the version that is spoken here.
    public var response: Response
}

/// The server's side of the opening handshake (RFC 6455 4.2).
public enum Handshake {
    /// An accepted handshake.
    public struct Acceptance: Sendable, Equatable {
        /// The answer, `101 Switching Protocols`; frames follow it.
        public var response: [UInt8]
        /// The subprotocol that was chosen, nil where the client named none of ours.
        public var subprotocol: String?
        /// Whether permessage-deflate is agreed.
        public var deflate: Bool
    }

    /// Checks a client's handshake and answers it. `subprotocols` are ours; the client's order decides.
    public static func accept(
        head: RequestHead, subprotocols: [String], allowDeflate: Bool
    ) throws(HandshakeRejection) -> Acceptance {
        if let rejection = socketIORejection(head) { throw rejection }
        let key = try checkedKey(head)
        let subprotocol = offeredSubprotocols(head).first { subprotocols.contains($0) }
        let deflate = allowDeflate ? answeredDeflate(head) : nil
        var lines = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(AcceptKey.answer(to: key))",
        ]
        if let subprotocol { lines.append("Sec-WebSocket-Protocol: \(subprotocol)") }
        if let deflate { lines.append("Sec-WebSocket-Extensions: \(deflate)") }
        let response = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        return Acceptance(response: response, subprotocol: subprotocol, deflate: deflate != nil)
    }

    /// The key of a handshake in which everything is as RFC 6455 4.2.1 asks.
    private static func checkedKey(_ head: RequestHead) throws(HandshakeRejection) -> String {
        guard head.method == "GET", head.version == .http11 else {
            throw refusal(400, "a WebSocket begins with GET in HTTP/1.1")
        }
        guard head.headers.has("websocket", in: "Upgrade"), head.headers.has("upgrade", in: "Connection") else {
            throw refusal(426, "Upgrade: websocket and Connection: Upgrade are needed")
        }
        guard head.headers["Sec-WebSocket-Version"] == "13" else {
            throw refusal(426, "WebSocket version 13 is spoken here")
        }
        let keys = head.headers.lines(of: "Sec-WebSocket-Key")
        guard keys.count == 1, AcceptKey.isKey(keys[0]) else {
            throw refusal(400, "Sec-WebSocket-Key must be 16 bytes in base64")
        }
        return keys[0]
    }

    private static func answeredDeflate(_ head: RequestHead) -> String? {
        head.headers.values(of: "Sec-WebSocket-Extensions").lazy.compactMap { DeflateOffer($0)?.answer }.first
    }

    private static func refusal(_ status: Int, _ message: String) -> HandshakeRejection {
        let headers: Headers = status == 426 ? ["Sec-WebSocket-Version": "13", "Upgrade": "websocket"] : [:]
        return HandshakeRejection(response: .error(status, .badRequest, message, headers: headers))
    }

    /// The subprotocols that a client names, in its order.
    public static func offeredSubprotocols(_ head: RequestHead) -> [String] {
        head.headers.values(of: "Sec-WebSocket-Protocol")
    }

    /// The refusal of Socket.IO's handshake (`EIO` in the query), whatever its path: nil for any other request.
    /// ``accept(head:subprotocols:allowDeflate:)`` asks this first.
    public static func socketIORejection(_ head: RequestHead) -> HandshakeRejection? {
        guard head.query["EIO"] != nil else { return nil }
        return refusal(400, "plain WebSocket is spoken here, not Socket.IO; connect with a WebSocket client")
    }
}
