/// A connection's number, unique in its node.
struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    let rawValue: UInt64

    var description: String { String(rawValue) }
}
