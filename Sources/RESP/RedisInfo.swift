/// The text that INFO answers with: a name, a colon and a value a line.
public struct RedisInfo: Sendable, Equatable {
    private let fields: [Substring: Substring]

    /// Reads any text; lines that are none of such are passed over.
    public init(_ text: String) {
        var fields: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        self.fields = fields
    }

    /// The value of a name.
    public subscript(name: String) -> String? { fields[name[...]].map(String.init) }
    /// All names.
    public var names: [String] { fields.keys.map(String.init) }

    /// Whether it is no Redis but a Sentinel; what INFO says of `server`.
    package var isSentinel: Bool { self["redis_mode"] == "sentinel" || self["server_mode"] == "sentinel" }
    /// Whether it is one of a cluster; what INFO says of `server`.
    package var isCluster: Bool { self["redis_mode"] == "cluster" || self["server_mode"] == "cluster" }
    /// Whether it is a replica; what INFO says of `replication`.
    package var isReplica: Bool { self["role"] == "slave" }
    /// Whether it is a replica that takes no writes; what INFO says of `replication`.
    package var isReadOnlyReplica: Bool { isReplica && self["slave_read_only"] != "0" }
}
