/// Where Redis is, as its URL says: at an address, or wherever Sentinel says that the master is.
public enum RedisLocation: Sendable, Equatable {
    /// One Redis.
    case server(RedisEndpoint)
    /// The master of a group that Sentinel watches.
    case sentinel(SentinelGroup)

    /// Reads any of the forms of ``RedisEndpoint`` and ``SentinelGroup``.
    public init(parsing url: String) throws(RedisURLError) {
        if let group = try SentinelGroup(parsing: url) {
            guard !group.usesTLS else {
                throw RedisURLError("TLS to Redis and Sentinel (rediss-sentinel://) is not supported; use redis-sentinel://")
            }
            self = .sentinel(group)
        } else {
            self = .server(try RedisEndpoint(parsing: url))
        }
    }

    /// The database that SELECT chooses.
    public var database: Int {
        switch self {
        case .server(let endpoint): endpoint.database
        case .sentinel(let group): group.database
        }
    }
}

extension RedisLocation: CustomStringConvertible {
    /// The URL with the password masked, for logs.
    public var description: String {
        switch self {
        case .server(let endpoint): endpoint.description
        case .sentinel(let group): group.description
        }
    }
}
