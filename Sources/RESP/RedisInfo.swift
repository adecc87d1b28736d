/// The reply to INFO: lines of a name, a colon and a value.
public struct RedisInfo: Sendable, Equatable {
    private let fields: [Substring: Substring]

    /// Reads any text; skips lines without a colon.
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

    /// Whether the server is a Sentinel, by the section `server` of INFO.
    package var isSentinel: Bool { self["redis_mode"] == "sentinel" || self["server_mode"] == "sentinel" }
    /// Whether the server is one of a cluster, by the section `server` of INFO.
    package var isCluster: Bool { self["redis_mode"] == "cluster" || self["server_mode"] == "cluster" }
    /// Whether the server is a replica, by the section `replication` of INFO.
    package var isReplica: Bool { self["role"] == "slave" }
    /// Whether the server is a replica that takes no writes, by the section `replication` of INFO.
    package var isReadOnlyReplica: Bool { isReplica && self["slave_read_only"] != "0" }
}
