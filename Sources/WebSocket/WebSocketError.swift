/// Why no more can be read from a peer: the code to close with, and the reason.
public struct WebSocketError: Error, Equatable, Sendable {
    /// The close frame's code.
    public var closeCode: CloseCode
    /// The close frame's reason, at most 123 bytes.
    public var message: String

    /// An error with both its parts.
    public init(closeCode: CloseCode, message: String) {
        self.closeCode = closeCode
        self.message = message
    }

    /// 1002: a frame broke RFC 6455.
    static func broken(_ message: String) -> WebSocketError {
        WebSocketError(closeCode: .protocolError, message: message)
    }

    /// 1007: the payload is not valid.
    static func invalid(_ message: String) -> WebSocketError {
        WebSocketError(closeCode: .invalidPayload, message: message)
    }

    /// 1011: an error of this end, not the peer's.
    static func ours(_ message: String) -> WebSocketError {
        WebSocketError(closeCode: .internalError, message: message)
    }

    /// 1009: above the bound.
    static func tooBig(maxBytes: Int) -> WebSocketError {
        WebSocketError(closeCode: .messageTooBig, message: "message larger than \(maxBytes) bytes")
    }
}
