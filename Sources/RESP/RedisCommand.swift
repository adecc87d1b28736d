/// An encoded command (a RESP array of bulk strings).
public struct RedisCommand: Sendable, Equatable {
    /// The key that selects the Redis of a cluster; nil where any Redis that takes writes will do.
    public let key: String?
    /// The encoded command.
    public let encoded: [UInt8]

    /// A command from its words: `RedisCommand("HGET", .key(key), "seq")`.
    public init(_ parts: RedisArgument...) { self.init(parts) }

    /// A command from its words.
    public init(_ parts: [RedisArgument]) {
        precondition(!parts.isEmpty, "RedisCommand: a command has at least a name")
        var bytes: [UInt8] = []
        bytes.appendArrayHeader(parts.count)
        for part in parts { bytes.appendArgument(part) }
        encoded = bytes
        key = parts.lazy.compactMap(\.key).first
    }

    /// A command in the bytes that it is sent as.
    package init(encoded: [UInt8]) {
        self.encoded = encoded
        key = nil
    }
}

/// One word of a command: text, bytes or a number. Binary-safe.
public enum RedisArgument: Sendable, Equatable, ExpressibleByStringLiteral {
    /// Text, sent as UTF-8.
    case string(String)
    /// The name of a key, sent as UTF-8. All keys of a command share a hash slot.
    case key(String)
    /// Any bytes.
    case bytes([UInt8])
    /// A number, sent in decimal.
    case integer(Int64)

    /// A word of the command.
    public init(stringLiteral value: String) { self = .string(value) }

    /// The key's name, where the word is a key.
    var key: String? { if case .key(let name) = self { name } else { nil } }
}
