package import Access
import Synchronization

/// Counts of clients that a node's loops share, so that the bounds apply to the node.
package final class NodeClients: Sendable {
    private let connections = Atomic<Int>(0)
    private let bodies = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    /// Connections without a complete request head, by client.
    private let handshakes = Mutex<[ClientBlock: Int]>([:])

    /// No connections, and the node serves.
    package init() {}

    /// Connections of all loops.
    package var connectionCount: Int { connections.load(ordering: .relaxed) }
    /// Counts a connection before its loop takes it.
    func beginConnection() { connections.add(1, ordering: .relaxed) }
    /// A connection has ended.
    package func endConnection() { connections.subtract(1, ordering: .relaxed) }

    /// Counts bytes of request bodies in memory. Returns the number on all loops.
    package func holdBody(bytes: Int) -> Int { bodies.add(bytes, ordering: .relaxed).newValue }
    /// The bytes were freed.
    package func releaseBody(bytes: Int) { bodies.subtract(bytes, ordering: .relaxed) }

    /// The node starts to drain.
    package func beginDraining() { isStopping.store(true, ordering: .relaxed) }
    /// Whether the node is draining, so that clients should go to another one.
    package var isDraining: Bool { isStopping.load(ordering: .relaxed) }

    /// Counts a connection without a request head. Returns how many that client has on all loops.
    package func beginHandshake(of client: ClientBlock) -> Int {
        handshakes.withLock { counts in
            counts[client, default: 0] += 1
            return counts[client] ?? 0
        }
    }

    /// The connection's request head is complete, or the connection has ended.
    package func endHandshake(of client: ClientBlock) {
        handshakes.withLock { counts in
            let left = (counts[client] ?? 1) - 1
            counts[client] = left > 0 ? left : nil
        }
    }
}
