import Serving
import Synchronization

extension NodeShared {
    /// The way of a connection to another loop of the node.
    var handOver: HandOver {
        HandOver(
            canReach: { [self] loop in loops.withLock { $0.indices.contains(loop) } },
            send: { [self] handOver in
                let target = loops.withLock { $0[handOver.loop] }
                Task { await target.take(handOver) }
            })
    }
}
