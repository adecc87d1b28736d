/// The connections of one loop, kept alive until their sockets are closed.
struct ConnectionTable {
    private var connections: [ConnectionID: Connection] = [:]
    private var nextID: UInt64
    /// Loops number their connections apart: loop 0 counts 1, 257, 513 …; 256 is the most loops a node may have.
    private static let stride: UInt64 = 256

    init(loopIndex: Int) { nextID = UInt64(loopIndex) + 1 }

    var count: Int { connections.count }
    var all: some Sequence<Connection> { connections.values }
    subscript(_ id: ConnectionID) -> Connection? { connections[id] }

    mutating func makeID() -> ConnectionID {
        defer { nextID += Self.stride }
        return ConnectionID(rawValue: nextID)
    }

    mutating func insert(_ connection: Connection) { connections[connection.id] = connection }
    mutating func remove(_ connection: Connection) { connections[connection.id] = nil }
}
