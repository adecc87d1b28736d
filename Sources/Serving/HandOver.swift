import Access
package import Connections

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
