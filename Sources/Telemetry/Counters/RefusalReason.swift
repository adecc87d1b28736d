/// Why a client was refused something, in metrics and in logs.
package enum RefusalReason: String, CaseIterable, Sendable {
    /// The node has all the connections it takes.
    case full
    /// Too many connections of the loop have not said what they want yet: the oldest of them made way.
    case handshakes
    /// Too many such of one address: the oldest of them made way.
    case addressHandshakes = "address_handshakes"
    /// The request head did not come in time.
    case slowHandshake = "slow_handshake"
    /// A client that speaks plain HTTP where TLS is spoken, an old TLS, or one that does not believe the node's certificate.
    case tls
    /// The node is stopping.
    case draining
    /// Bytes that are no HTTP request, or could be read in two ways.
    case malformed
    /// A head or body above its bound.
    case requestSize = "request_size"
    /// All bodies under way together are above their bound.
    case bodies
    /// A WebSocket handshake that is incomplete, or of another protocol.
    case handshake
    /// A WebSocket where there is none.
    case path
    /// A browser page of another origin.
    case origin
    /// A token that is not good.
    case token
    /// No token in time.
    case authTimeout = "auth_timeout"
    /// More connections than one user may have.
    case userConnections = "user_connections"
    /// More subscriptions than a connection may have.
    case subscriptions
    /// A channel that is not the client's to watch.
    case forbidden
    /// More messages than a connection may send.
    case rate
    /// A message above its bound.
    case messageSize = "message_size"
    /// Frames that break RFC 6455.
    case frame

    /// The reason behind an answer to a request; nil where it refuses nothing that would be the client's.
    package init?(answer status: Int) {
        switch status {
        case 401: self = .token
        case 403: self = .forbidden
        case 413: self = .requestSize
        default: return nil
        }
    }

    /// The reason behind the status that refuses a handshake.
    package init(handshakeStatus status: Int, isDraining: Bool) {
        switch status {
        case 403: self = .origin
        case 404: self = .path
        case 503: self = isDraining ? .draining : .full
        default: self = .handshake
        }
    }
}
