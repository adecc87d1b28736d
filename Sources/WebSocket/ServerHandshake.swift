public import HTTP

/// Why a handshake is refused: the response to send, before the connection is closed.
public struct HandshakeRejection: Error, Equatable, Sendable {
    /// 400, or 426 with the supported version.
    public var response: Response

    /// A refusal with this response.
    public init(response: Response) { self.response = response }

    fileprivate static func badRequest(_ message: String) -> HandshakeRejection {
        HandshakeRejection(response: .error(400, .badRequest, message))
    }
}

/// The server's side of the opening handshake (RFC 6455 4.2).
public enum ServerHandshake {
    /// An accepted handshake.
    public struct Acceptance: Sendable, Equatable {
        /// The response, `101 Switching Protocols`; frames follow it.
        public var response: [UInt8]
        /// The chosen subprotocol, nil where the client named none that the server has.
        public var subprotocol: String?
        /// Whether permessage-deflate is agreed.
        public var deflate: Bool
        /// Whether the client asks for a smaller window than the usual one: then it gets the output of
        /// ``Deflater/narrow``.
        public var needsNarrowWindow: Bool
    }

    /// Checks a client's handshake and answers it. `subprotocols` are the server's; the client's order decides.
    public static func accept(
        head: RequestHead, subprotocols: [String], allowDeflate: Bool
    ) throws(HandshakeRejection) -> Acceptance {
        try checkUpgrade(head)
        try checkVersion(head)
        let key = try key(of: head)
        guard let offers = ExtensionItem.all(in: head.headers) else {
            throw .badRequest("Sec-WebSocket-Extensions is malformed")
        }
        let subprotocol = offeredSubprotocols(head).first(where: subprotocols.contains)
        let deflate = allowDeflate ? DeflateParameters.answer(to: offers) : nil
        return Acceptance(
            response: response(key: key, subprotocol: subprotocol, extensions: deflate?.answer),
            subprotocol: subprotocol, deflate: deflate != nil,
            needsNarrowWindow: deflate.map { $0.windowBits < Deflater.widestWindowBits } ?? false)
    }

    /// The subprotocols that a client names, in its order.
    public static func offeredSubprotocols(_ head: RequestHead) -> [String] {
        head.headers.values(of: "Sec-WebSocket-Protocol")
    }

    /// Whether a request asks for a WebSocket, correctly or not.
    public static func isWanted(by head: RequestHead) -> Bool { head.headers.has("websocket", in: "Upgrade") }

    /// RFC 6455 4.2.1, 1 to 4.
    private static func checkUpgrade(_ head: RequestHead) throws(HandshakeRejection) {
        guard head.method == "GET", head.version == .http11, !head.hasBody else {
            throw .badRequest("a WebSocket handshake is a GET of HTTP/1.1 without a body")
        }
        guard isWanted(by: head), head.headers.has("upgrade", in: "Connection") else {
            throw .badRequest("a WebSocket handshake needs Upgrade: websocket and Connection: Upgrade")
        }
    }

    /// RFC 6455 4.4: a client with another version is told the server's.
    private static func checkVersion(_ head: RequestHead) throws(HandshakeRejection) {
        guard head.headers.lines(of: "Sec-WebSocket-Version") == ["13"] else {
            throw HandshakeRejection(
                response: .error(
                    426, .badRequest, "the WebSocket version must be 13",
                    headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]))
        }
    }

    private static func key(of head: RequestHead) throws(HandshakeRejection) -> String {
        let keys = head.headers.lines(of: "Sec-WebSocket-Key")
        guard keys.count == 1, HandshakeKey.isValid(keys[0]) else {
            throw .badRequest("Sec-WebSocket-Key must be 16 bytes in base64, once")
        }
        return keys[0]
    }

    /// RFC 6455 4.2.2, 5.
    private static func response(key: String, subprotocol: String?, extensions: String?) -> [UInt8] {
        var lines = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(HandshakeKey.accept(key))",
        ]
        if let subprotocol { lines.append("Sec-WebSocket-Protocol: \(subprotocol)") }
        if let extensions { lines.append("Sec-WebSocket-Extensions: \(extensions)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }
}
