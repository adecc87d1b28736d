/// A reply in RESP2.
public enum RedisValue: Sendable, Equatable {
    /// `$-1` or `*-1`.
    case null
    /// `:1`.
    case integer(Int64)
    /// `$5 hello`: any bytes.
    case bulk([UInt8])
    /// `+OK`.
    case status(String)
    /// `-ERR …` inside an array; at the top level it is a failure of the command (``RedisError/reply(_:)``).
    case error(RedisReplyError)
    /// `*2 …`.
    case array([RedisValue])
}

extension RedisValue {
    /// Whether this is Redis's nil.
    public var isNull: Bool { self == .null }

    /// The bytes of a bulk string or a status.
    public var bytes: [UInt8]? {
        switch self {
        case .bulk(let bytes): bytes
        case .status(let text): Array(text.utf8)
        default: nil
        }
    }

    /// The text of a bulk string or a status; `nil` when it is not UTF-8.
    public var string: String? {
        switch self {
        case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// An integer reply, or a bulk string that is one (HGET of a counter).
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .bulk: string.flatMap { Int64($0) }
        default: nil
        }
    }

    /// A sorted set's score, without its fraction; nil where it is not a number or exceeds 64 bits.
    public var score: Int64? {
        string.flatMap(Double.init).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
    }

    /// The elements of an array.
    public var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The numbers of an array of numbers.
    public var integers: [Int64]? {
        guard let elements = array else { return nil }
        let numbers = elements.compactMap(\.integer)
        return numbers.count == elements.count ? numbers : nil
    }
}
