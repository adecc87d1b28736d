import Access
import Connections
import EventLoop
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

/// A connection on its way to the loop that has its client's session, with the request that has been read.
package struct EngineHandOver: Sendable {
    /// Where a connection goes, and with which request.
    struct Ticket: Sendable {
        /// The loop that has the session.
        let loop: Int
        let head: RequestHead
        /// How often the connection may still be tried: it cannot go while an earlier answer waits for the kernel.
        private var attempts = 400

        /// Milliseconds between two attempts.
        static let pauseMilliseconds: UInt64 = 5

        init(loop: Int, head: RequestHead) {
            self.loop = loop
            self.head = head
        }

        /// The ticket of the next attempt; nil after the last one.
        var next: Ticket? {
            guard attempts > 1 else { return nil }
            var next = self
            next.attempts -= 1
            return next
        }
    }

    let ticket: Ticket
    let socket: DetachedStream
    let role: ListenerRole
    let decoder: RequestDecoder

    /// The loop that has the session.
    package var loop: Int { ticket.loop }
}
