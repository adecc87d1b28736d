public import Dialects

/// Which bytes of an event a subscriber takes: its dialect's message, compressed or not.
///
/// A channel keeps its members by shape, so that fan-out encodes once a shape and the loop over members has no branch.
public struct Shape: Hashable, Sendable {
    /// The dialect of the message.
    public let dialect: DialectName
    /// Whether permessage-deflate was negotiated (RFC 7692).
    public let compressed: Bool

    /// The shape of one connection.
    public init(dialect: DialectName, compressed: Bool) {
        self.dialect = dialect
        self.compressed = compressed
    }

    /// How many shapes there are.
    static let count = DialectName.allCases.count * 2

    /// From 0 to `count` - 1.
    var index: Int { Int(dialect.rawValue) * 2 + (compressed ? 1 : 0) }

    /// Every shape, in the order of their indices.
    public static let all: [Shape] = DialectName.allCases.flatMap { dialect in
        [Shape(dialect: dialect, compressed: false), Shape(dialect: dialect, compressed: true)]
    }
}
