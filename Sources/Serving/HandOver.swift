/// A loop of the node that goes on with connections which another loop has accepted.
package protocol HandOverTarget: Actor {
    /// Goes on with a connection.
    func take(_ handOver: EngineHandOver)
}

/// How a connection reaches another loop of its node.
package struct HandOver {
    private let targets: () -> [any HandOverTarget]

    /// `targets` are the loops of the node, in the order of their numbers.
    package init(to targets: @escaping () -> [any HandOverTarget]) { self.targets = targets }

    /// Whether the node has the loop of that number.
    func canReach(_ loop: Int) -> Bool { targets().indices.contains(loop) }

    /// Sends a connection to its loop.
    func send(_ handOver: EngineHandOver) {
        let target = targets()[handOver.loop]
        Task { await target.take(handOver) }
    }
}
