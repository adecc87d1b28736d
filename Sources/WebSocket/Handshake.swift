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
        throw HandshakeRejection(response: Response.error(501, .badRequest, "not yet"))
    }

    /// The subprotocols that a client names, in its order.
    public static func offeredSubprotocols(_ head: RequestHead) -> [String] {
        head.headers.values(of: "Sec-WebSocket-Protocol")
    }

    /// The refusal of Socket.IO's handshake (`EIO` in the query), whatever its path: nil for any other request.
    /// ``accept(head:subprotocols:allowDeflate:)`` asks this first.
    public static func socketIORejection(_ head: RequestHead) -> HandshakeRejection? { nil }
}
