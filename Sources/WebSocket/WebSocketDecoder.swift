/// Which end of the connection we are. Clients mask what they send, servers do not (RFC 6455 5.1).
public enum WebSocketRole: Sendable {
    /// We accepted the handshake.
    case server
    /// We asked for it.
    case client
}

/// Reads the frames of one connection, however their bytes arrive (RFC 6455 5). Between messages it holds no memory
/// beside itself.
public struct WebSocketDecoder: Sendable {
    /// What arrived.
    public enum Event: Sendable, Equatable {
        /// A whole message, put together from its frames, inflated, and valid UTF-8 if it is text.
        case message(text: Bool, [UInt8])
        /// A ping; a pong with the same bytes answers it.
        case ping([UInt8])
        /// A pong, asked for or not.
        case pong([UInt8])
        /// The peer's close, after which nothing it sends counts. Nil where it gave no code.
        case close(CloseCode?, reason: String)
    }

    /// A decoder for the bytes after the handshake; `deflate` says whether permessage-deflate was agreed.
    public init(role: WebSocketRole, limits: WebSocketLimits = WebSocketLimits(), deflate: Bool) {}

    /// Takes what was received. To be followed by ``next(inflater:)`` until that gives nil.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {}

    /// The next event, nil when more bytes are needed. After an error or a close it stays nil. `inflater` may be nil only
    /// where permessage-deflate was not agreed.
    public mutating func next(inflater: Inflater?) throws(WebSocketError) -> Event? { nil }
}
