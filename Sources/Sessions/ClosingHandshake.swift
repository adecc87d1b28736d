import Telemetry
import WebSocket

/// How far one WebSocket is with its closing (RFC 6455 7.1.2). Says what is to be done; the session does it.
enum ClosingHandshake: Equatable {
    /// Messages go both ways.
    case open
    /// The node has sent its close, and waits for the client's.
    case closedByNode
    /// The client has sent its close first, and the node has answered it.
    case closedByClient
    /// The client says nothing any more, or its socket has ended.
    case gone

    enum Step: Equatable {
        /// Tell the client why, in its dialect's words.
        case sayGoodbye(CloseCode, String)
        /// Count how it ended.
        case count(WebSocketEnd)
        /// The client follows nothing any more, and presence counts it no longer.
        case leave
        /// Send the node's close.
        case sendClose(CloseCode, String)
        /// Send the client's close back.
        case answerClose(CloseCode?)
        /// Close the socket when the client has not answered in time. `isSlow`: it reads slowly, and is given the time to
        /// learn why.
        case awaitClose(isSlow: Bool)
        /// Close the socket once everything is written: the server does that first (RFC 6455 7.1.1).
        case closeWhenDrained
        /// Close the socket now.
        case closeNow
    }

    /// Whether the client's messages count, and it may be sent some.
    var isOpen: Bool { self == .open }

    /// The node wants to close. Where the client or the node has closed already, nothing follows.
    mutating func close(_ code: CloseCode, reason: String) -> [Step] {
        guard isOpen else { return [] }
        self = .closedByNode
        let goodbye: [Step] = code == .normal ? [] : [.sayGoodbye(code, reason)]
        return goodbye + [
            .count(.byNode(code)), .leave, .sendClose(code, reason), .awaitClose(isSlow: code == .tryAgainLater),
        ]
    }

    /// The client's close has come.
    mutating func receiveClose(_ code: CloseCode?) -> [Step] {
        guard isOpen else { return [.closeWhenDrained] }
        self = .closedByClient
        return [.count(.byClient(code ?? .noStatus)), .answerClose(code), .leave, .closeWhenDrained]
    }

    /// The node has heard nothing of the client for too long. The client would not hear a close either.
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
