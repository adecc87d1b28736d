/// A master that Sentinels watch, and its login: `redis-sentinel://[user:password@]h1[:26379],h2,…/NAME[/db]`, with TLS
/// to both `rediss-sentinel://`.
public struct SentinelGroup: Sendable, Equatable {
    /// The addresses of the Sentinels in the URL.
    public var sentinels: [RedisEndpoint.Address]
    /// The master's name among the Sentinels.
    public var name: String
    /// Redis' user; `nil` is its `default`.
    public var user: String?
    /// Redis' password; `nil`: no AUTH is sent.
    public var password: String?
    /// The database that SELECT chooses.
    public var database: Int
    /// The files for TLS to Redis and to the Sentinels; nil for plain connections.
    public var tls: RedisTLS?
    /// The Sentinels' user; `nil` is their `default`.
    public var sentinelUser: String?
    /// The Sentinels' password; `nil`: no AUTH is sent to them.
    public var sentinelPassword: String?

    /// A group from its parts.
    public init(
        sentinels: [RedisEndpoint.Address], name: String, user: String? = nil, password: String? = nil,
        database: Int = 0,
        tls: RedisTLS? = nil
    ) {
        self.sentinels = sentinels
        self.name = name
        self.user = user
        self.password = password
        self.database = database
        self.tls = tls
    }

    /// The Redis at an address from a Sentinel.
    public func server(at address: RedisEndpoint.Address) -> RedisEndpoint {
        RedisEndpoint(address: address, user: user, password: password, database: database, tls: tls)
    }

    /// The Sentinel at an address.
    public func sentinel(at address: RedisEndpoint.Address) -> RedisEndpoint {
        RedisEndpoint(address: address, user: sentinelUser, password: sentinelPassword, tls: tls)
    }
}

extension SentinelGroup: CustomStringConvertible {
    /// The URL with the password masked, for logs.
    public var description: String {
        let scheme = tls == nil ? "redis-sentinel" : "rediss-sentinel"
        let login = password == nil ? "" : "\(user ?? ""):***@"
        let hosts = sentinels.map(\.description).joined(separator: ",")
        return "\(scheme)://\(login)\(hosts)/\(name)\(database == 0 ? "" : "/\(database)")"
    }
}
