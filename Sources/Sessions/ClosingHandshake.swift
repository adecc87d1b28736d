import Telemetry
import WebSocket

/// The state of one WebSocket's closing handshake (RFC 6455 7.1.2). Says what to do; the session does it.
enum ClosingHandshake: Equatable {
    /// Messages go both ways.
    case open
    /// The node sent its close frame, and waits for the client's.
    case closedByNode
    /// The client sent its close frame first, and the node answered it.
    case closedByClient
    /// The client is silent, or its socket has ended.
    case gone

    enum Step: Equatable {
        /// Tell the client the reason, in its dialect.
        case sayGoodbye(CloseCode, String)
        /// Count how it ended.
        case count(WebSocketEnd)
        /// The client leaves its channels, and presence no longer counts it.
        case leave
        /// Send the node's close frame.
        case sendClose(CloseCode, String)
        /// Answer with the client's close frame.
        case answerClose(CloseCode?)
        /// Close the socket when the client does not answer in time. `isSlow`: the client reads slowly, and gets time
        /// to learn the reason.
        case awaitClose(isSlow: Bool)
        /// Close the socket once everything is written: the server does that first (RFC 6455 7.1.1).
        case closeWhenDrained
        /// Close the socket now.
        case closeNow
    }

    /// Whether the node handles the client's messages, and may send it some.
    var isOpen: Bool { self == .open }

    /// The node closes the WebSocket. Where the client or the node has closed it already, nothing follows.
    mutating func close(_ code: CloseCode, reason: String) -> [Step] {
        guard isOpen else { return [] }
        self = .closedByNode
        let goodbye: [Step] = code == .normal ? [] : [.sayGoodbye(code, reason)]
        return goodbye + [
            .count(.byNode(code)), .leave, .sendClose(code, reason), .awaitClose(isSlow: code == .tryAgainLater),
        ]
    }

    /// The client's close frame arrived.
    mutating func receiveClose(_ code: CloseCode?) -> [Step] {
        guard isOpen else { return [.closeWhenDrained] }
        self = .closedByClient
        return [.count(.byClient(code ?? .noStatus)), .answerClose(code), .leave, .closeWhenDrained]
    }

    /// The client was silent for too long. It would not receive a close frame either.
    mutating func giveUp() -> [Step] {
        defer { self = .gone }
        return isOpen ? [.count(.byNode(.abnormal)), .closeNow] : [.closeNow]
    }

    /// The socket has ended.
    mutating func end() -> [Step] {
        defer { self = .gone }
        return isOpen ? [.count(.byClient(.abnormal)), .leave] : [.leave]
    }
}
