/// The location of Redis by its URL: an address, servers of a cluster, or the master that Sentinels name.
public enum RedisLocation: Sendable, Equatable {
    /// One Redis, which may turn out to be one of a cluster.
    case server(RedisEndpoint)
    /// A cluster, of which these servers are known.
    case cluster(RedisSeeds)
    /// The master of a group that Sentinel watches.
    case sentinel(SentinelGroup)

    /// Reads any of the forms of ``RedisEndpoint``, ``RedisSeeds`` and ``SentinelGroup``.
    public init(parsing url: String) throws(RedisURLError) {
        if let group = try SentinelGroup(parsing: url) {
            self = .sentinel(group)
        } else if let seeds = try RedisSeeds(parsing: url) {
            self = .cluster(seeds)
        } else {
            self = .server(try RedisEndpoint(parsing: url))
        }
    }

    /// The files for TLS; nil for plain connections.
    public var tls: RedisTLS? {
        switch self {
        case .server(let endpoint): endpoint.tls
        case .cluster(let seeds): seeds.tls
        case .sentinel(let group): group.tls
        }
    }

    /// The database that SELECT chooses.
    public var database: Int {
        switch self {
        case .server(let endpoint): endpoint.database
        case .cluster: 0
        case .sentinel(let group): group.database
        }
    }
}

extension RedisLocation: CustomStringConvertible {
    /// The URL with the password masked, for logs.
    public var description: String {
        switch self {
        case .server(let endpoint): endpoint.description
        case .cluster(let seeds): seeds.description
        case .sentinel(let group): group.description
        }
    }
}
