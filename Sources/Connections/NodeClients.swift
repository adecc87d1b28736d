package import Access
import Synchronization

/// What the loops of a node count together of its clients, so that the bounds are the node's.
package final class NodeClients: Sendable {
    private let connections = Atomic<Int>(0)
    private let bodies = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    /// Connections without a complete request head, by client.
    private let handshakes = Mutex<[ClientBlock: Int]>([:])

    /// Nobody is connected, and the node serves.
    package init() {}

    /// Connections of all loops.
    package var connectionCount: Int { connections.load(ordering: .relaxed) }
    /// A loop counts a connection before it takes it.
    func beginConnection() { connections.add(1, ordering: .relaxed) }
    /// The connection has ended.
    func endConnection() { connections.subtract(1, ordering: .relaxed) }

    /// Counts bytes of requests' bodies that are held. Answers how many there are on all loops.
    package func holdBody(bytes: Int) -> Int { bodies.add(bytes, ordering: .relaxed).newValue }
    /// They are held no longer.
    package func releaseBody(bytes: Int) { bodies.subtract(bytes, ordering: .relaxed) }

    /// The node begins to stop.
    package func beginDraining() { isStopping.store(true, ordering: .relaxed) }
    /// Whether the node is stopping, so that clients should go to another one.
    package var isDraining: Bool { isStopping.load(ordering: .relaxed) }

    /// Counts a connection that has said nothing yet. Answers how many of that client there are on all loops.
    package func beginHandshake(of client: ClientBlock) -> Int {
        handshakes.withLock { counts in
            counts[client, default: 0] += 1
            return counts[client] ?? 0
        }
    }

    /// The connection has said something, or ended.
    package func endHandshake(of client: ClientBlock) {
        handshakes.withLock { counts in
            let left = (counts[client] ?? 1) - 1
            counts[client] = left > 0 ? left : nil
        }
    }
}
