/// Why a client was refused something, in metrics and in logs.
package enum RefusalReason: String, CaseIterable, Sendable {
    /// The node has the most connections that it may have.
    case full
    /// Too many of the loop's connections have no complete request head: the oldest of them was closed.
    case handshakes
    /// Too many of these from one address: the oldest of them was closed.
    case addressHandshakes = "address_handshakes"
    /// The request head was not complete in time.
    case slowHandshake = "slow_handshake"
    /// A client that speaks plain HTTP where TLS is spoken, an old TLS, or one that does not believe the node's certificate.
    case tls
    /// The node is stopping.
    case draining
    /// The bytes are no HTTP request, or an ambiguous one.
    case malformed
    /// A head or body above its bound.
    case requestSize = "request_size"
    /// All bodies being read together exceed their bound.
    case bodies
    /// A WebSocket handshake that is incomplete, or of another protocol.
    case handshake
    /// A WebSocket at a path that has none.
    case path
    /// A browser page of another origin.
    case origin
    /// An invalid token.
    case token
    /// No token in time.
    case authTimeout = "auth_timeout"
    /// More connections than one user may have.
    case userConnections = "user_connections"
    /// More subscriptions than a connection may have.
    case subscriptions
    /// A channel that the client may not watch.
    case forbidden
    /// More messages than a connection may send.
    case rate
    /// A message above its bound.
    case messageSize = "message_size"
    /// Frames that break RFC 6455.
    case frame

    /// The reason behind an answer's status; nil where the status denies the client nothing.
    package init?(answer status: Int) {
        switch status {
        case 401: self = .token
        case 403: self = .forbidden
        case 413: self = .requestSize
        default: return nil
        }
    }

    /// The reason behind the status of a refused handshake.
    package init(handshakeStatus status: Int, isDraining: Bool) {
        switch status {
        case 403: self = .origin
        case 404: self = .path
        case 503: self = isDraining ? .draining : .full
        default: self = .handshake
        }
    }
}
