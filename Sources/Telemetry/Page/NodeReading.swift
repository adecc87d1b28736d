/// A node's own numbers for the metrics, beside its loops'.
package struct NodeReading: Sendable {
    let name: String
    let startedAt: Int64
    let linesDropped: Int
    /// Why clients should not use the node: every word, and whether it holds.
    let unreadiness: [(word: String, holds: Bool)]
    let loops: Int
    let connections: Int
    let connectionLimit: Int
    let failingProbes: Int
    /// When the clients' certificate expires, in seconds since 1970; 0 without one.
    let certificateExpiry: Int

    package init(
        log: Log, startedAt: Int64, unreadiness: [(word: String, holds: Bool)], loops: Int, connections: Int,
        connectionLimit: Int, failingProbes: Int, certificateExpiry: Int
    ) {
        name = log.node
        self.startedAt = startedAt
        linesDropped = log.dropped
        self.unreadiness = unreadiness
        self.loops = loops
        self.connections = connections
        self.connectionLimit = connectionLimit
        self.failingProbes = failingProbes
        self.certificateExpiry = certificateExpiry
    }
}
