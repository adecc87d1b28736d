import RESP

/// A walk through the tasks of all servers, a portion of a server's keys at a time.
struct TaskWalk: Equatable {
    /// The servers that are still to be looked through, the current one first.
    private var servers: [RedisEndpoint.Address]
    private var cursor: String?

    /// A walk through these servers.
    init(_ servers: [RedisEndpoint.Address]) { self.servers = servers }

    /// The portion that comes next: of which server, and where it begins, nil for the first. Nil when the walk is over.
    var portion: (server: RedisEndpoint.Address, cursor: String?)? { servers.first.map { ($0, cursor) } }

    /// A portion was read, and the server's next one is at `next`; nil after its last.
    mutating func didScan(next: String?) {
        cursor = next
        if next == nil { servers.removeFirst() }
    }
}
