import Connections
import WebSocket

/// How a session's client is told what is no message.
protocol SessionWire: AnyObject {
    /// Whether messages go over a WebSocket, and not by polls.
    var isWebSocket: Bool { get }
    /// Asks whether the client is there.
    func ping(_ heartbeat: Heartbeat)
    /// Tells the client that the node closes, and why. Nothing follows.
    func sayClose(_ code: CloseCode, reason: String)
    /// Answers the client's close.
    func answerClose(_ code: CloseCode?)
}
