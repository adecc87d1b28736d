import Access

/// Connections of one loop whose request head is not whole yet. Where there are too many, the oldest makes way: a client
/// that means it says what it wants within milliseconds, so the oldest is the one least likely to.
struct PendingHandshakes {
    private var blocks: [ConnectionID: ClientBlock?] = [:]

    /// How many there are.
    var count: Int { blocks.count }

    /// A connection begins; `block` is nil where it does not count for a client.
    mutating func insert(_ id: ConnectionID, of block: ClientBlock?) { blocks[id] = .some(block) }

    /// Its head is whole, or it has ended. Answers for which client it counted.
    mutating func remove(_ id: ConnectionID) -> ClientBlock? { blocks.removeValue(forKey: id) ?? nil }

    /// The oldest of all.
    var oldest: ConnectionID? { blocks.keys.min { $0.rawValue < $1.rawValue } }

    /// The oldest of one client.
    func oldest(of block: ClientBlock) -> ConnectionID? {
        blocks.lazy.filter { $0.value == block }.map(\.key).min { $0.rawValue < $1.rawValue }
    }
}
