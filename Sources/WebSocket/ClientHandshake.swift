public import HTTP

/// Why a server's reply is no handshake.
public struct ClientHandshakeError: Error, Equatable, Sendable {
    /// The reply's status, where it has one that can be read.
    public var status: Int?
    /// What is wrong with it.
    public var message: String
}

/// The client's side of the opening handshake (RFC 6455 4.1): the request to send, and the check of the reply.
public struct ClientHandshake: Sendable {
    /// What the server agreed to.
    public struct Agreement: Sendable, Equatable {
        /// The subprotocol that the server chose.
        public var subprotocol: String?
        /// Whether permessage-deflate is agreed.
        public var deflate: Bool
    }

    /// The bytes to send first.
    public let request: [UInt8]

    /// A handshake for `GET target`. `key` is 16 random bytes, fresh for each connection.
    public init(
        host: String, target: String, key: [UInt8], subprotocols: [String] = [], headers: Headers = [:],
        offersDeflate: Bool = false
    ) {
        request = []
    }

    /// Takes what was received.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {}

    /// What was agreed, nil while the reply is incomplete.
    public mutating func next() throws(ClientHandshakeError) -> Agreement? { nil }

    /// The frames that came with the reply.
    public mutating func takeRemainder() -> [UInt8] { [] }
}
