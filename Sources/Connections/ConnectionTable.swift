/// The connections of one loop, kept alive until their sockets are closed.
package struct ConnectionTable {
    private var connections: [ConnectionID: Connection] = [:]
    private var nextID: UInt64
    /// Each loop has its own numbers: loop 0 counts 1, 257, 513 …; 256 is the most loops a node may have.
    private static let stride: UInt64 = 256

    package init(loopIndex: Int) { nextID = UInt64(loopIndex) + 1 }

    package var count: Int { connections.count }
    package var all: some Sequence<Connection> { connections.values }
    package subscript(_ id: ConnectionID) -> Connection? { connections[id] }

    package mutating func makeID() -> ConnectionID {
        defer { nextID += Self.stride }
        return ConnectionID(rawValue: nextID)
    }

    package mutating func insert(_ connection: Connection) { connections[connection.id] = connection }
    package mutating func remove(_ connection: Connection) { connections[connection.id] = nil }
}
