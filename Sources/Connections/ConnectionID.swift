/// A connection's number, unique in its node.
package struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt64

    package var description: String { String(rawValue) }
}
