import Access
import Synchronization

/// What the loops of a node count together of its clients, so that the bounds are the node's.
final class NodeClients: Sendable {
    /// Connections of all loops. A loop counts one before it takes it.
    let connections = Atomic<Int>(0)
    /// Bytes of all requests' bodies that are held.
    let bodyBytes = Atomic<Int>(0)
    /// Set once, when the node begins to stop.
    let isStopping = Atomic<Bool>(false)
    /// Connections without a complete request head, by client.
    private let handshakes = Mutex<[ClientBlock: Int]>([:])

    /// Whether the node is stopping, so that clients should go to another one.
    var isDraining: Bool { isStopping.load(ordering: .relaxed) }

    /// Counts a connection that has said nothing yet. Answers how many of that client there are on all loops.
    func beginHandshake(of client: ClientBlock) -> Int {
        handshakes.withLock { counts in
            counts[client, default: 0] += 1
            return counts[client] ?? 0
        }
    }

    /// The connection has said something, or ended.
    func endHandshake(of client: ClientBlock) {
        handshakes.withLock { counts in
            let left = (counts[client] ?? 1) - 1
            counts[client] = left > 0 ? left : nil
        }
    }
}
