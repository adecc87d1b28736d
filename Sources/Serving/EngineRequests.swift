import HTTP
import Sessions
import SocketIO

/// Requests of Socket.IO's clients: those that poll, and their WebSockets.
package enum EngineRequests {
    /// A request that is under way.
    enum Pending {
        /// A poll waits for packets of the session.
        case poll(SocketIOConversation)
        /// The body has packets for the session.
        case post(SocketIOConversation)
    }

    /// Whether a request is one of Engine.IO, by its address: Socket.IO's own path, or the dialect's with `EIO` in the
    /// query.
    static func areAt(_ head: RequestHead) -> Bool {
        switch head.path {
        case "/socket.io/", "/socket.io": true
        case "/ws", "/ws/": head.query["EIO"] != nil
        default: false
        }
    }

    /// The answer to a request that is refused.
    static func refusal(_ fault: EngineFault) -> Response { .json(fault.body, status: fault.status) }

    /// The answer to a poll, or to packets.
    static func answer(_ body: [UInt8]) -> Response {
        Response(
            status: 200, headers: ["Content-Type": "text/plain; charset=UTF-8", "Cache-Control": "no-store"],
            body: body)
    }
}
