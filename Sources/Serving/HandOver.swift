import Access
package import Connections
import EventLoop
import HTTP

/// A loop of the node that goes on with connections which another loop has accepted.
package protocol HandOverTarget: Actor {
    /// Goes on with a connection. False where the loop does not serve yet.
    func take(_ handOver: EngineHandOver) -> Bool
}

/// How a connection reaches another loop of its node.
package struct HandOver {
    private let clients: NodeClients
    private let targets: () -> [any HandOverTarget]

    /// `targets` are the loops of the node whose clients these are, in the order of their numbers.
    package init(of clients: NodeClients, to targets: @escaping () -> [any HandOverTarget]) {
        self.clients = clients
        self.targets = targets
    }

    /// Whether the node has the loop of that number.
    func canReach(_ loop: Int) -> Bool { targets().indices.contains(loop) }

    /// Sends a connection to its loop.
    func send(_ handOver: EngineHandOver) {
        let target = targets()[handOver.loop]
        let isCounted = handOver.role != .operators
        Task { [clients] in if await !target.take(handOver), isCounted { clients.endConnection() } }
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
