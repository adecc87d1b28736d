import Telemetry
package import Access

/// A loop's connections without a complete request head. Where there are too many, the oldest is closed: a real client
/// sends its request within milliseconds, so the oldest is the least likely to be one.
package struct PendingHandshakes {
    /// A connection that is closed for a new one, and why.
    package struct Leaving: Equatable {
        let connection: ConnectionID
        let reason: RefusalReason
    }

    private var clients: [ConnectionID: ClientBlock?] = [:]

    /// The number of these connections.
    package var count: Int { clients.count }

    /// Adds a connection; `client` is nil where it counts for none. `held` is how many the client has on all loops, of
    /// `mostOfClient`; `most` is the bound of this loop. Returns the connections to close for it: the client's oldest
    /// on this loop (so that each loop may keep one above the bound), and the oldest of all.
    package mutating func insert(_ id: ConnectionID, of client: ClientBlock?, held: Int, mostOfClient: Int, most: Int)
        -> [Leaving]
    {
        clients[id] = .some(client)
        var leaving: [Leaving] = []
        if let client, held > mostOfClient, let oldest = oldest(of: client), oldest != id {
            leaving.append(Leaving(connection: oldest, reason: .addressHandshakes))
        }
        let left = count - leaving.count
        if left > most, let oldest = oldest(except: leaving.first?.connection), oldest != id {
            leaving.append(Leaving(connection: oldest, reason: .handshakes))
        }
        return leaving
    }

    /// The connection's request head is complete, or the connection has ended. Returns the client for which it counted.
    package mutating func remove(_ id: ConnectionID) -> ClientBlock? { clients.removeValue(forKey: id) ?? nil }

    private func oldest(except other: ConnectionID?) -> ConnectionID? {
        clients.keys.lazy.filter { $0 != other }.min { $0.rawValue < $1.rawValue }
    }

    private func oldest(of client: ClientBlock) -> ConnectionID? {
        clients.lazy.filter { $0.value == client }.map(\.key).min { $0.rawValue < $1.rawValue }
    }
}
