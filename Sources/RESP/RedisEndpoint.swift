/// The address and login of one Redis: `redis://[user:password@]host[:port][/db]`, `rediss://` for the same over TLS,
/// or `unix:///path`.
///
/// The parser refuses every other form (query parameters) with a clear message. ``RedisSeeds`` names several servers of
/// a cluster, ``SentinelGroup`` finds a master by Sentinel.
public struct RedisEndpoint: Sendable, Equatable {
    /// The address of the socket.
    public enum Address: Sendable, Hashable {
        /// A host name or a numeric address (IPv6 without brackets), and a port.
        case tcp(host: String, port: UInt16)
        /// The path of a unix socket.
        case unix(path: String)
    }

    /// The address of Redis.
    public var address: Address
    /// The ACL user; `nil` is Redis's `default`.
    public var user: String?
    /// The password; `nil`: no AUTH is sent.
    public var password: String?
    /// The database that SELECT chooses.
    public var database: Int
    /// The files for TLS; nil for a plain connection.
    public var tls: RedisTLS?

    /// An endpoint from its parts.
    public init(
        address: Address, user: String? = nil, password: String? = nil, database: Int = 0, tls: RedisTLS? = nil
    ) {
        self.address = address
        self.user = user
        self.password = password
        self.database = database
        self.tls = tls
    }
}

extension RedisEndpoint: CustomStringConvertible {
    /// The URL with the password masked, for logs.
    public var description: String {
        switch address {
        case .unix(let path):
            return "unix://\(path)"
        case .tcp:
            let login = password == nil ? "" : "\(user ?? ""):***@"
            let scheme = tls == nil ? "redis" : "rediss"
            return "\(scheme)://\(login)\(address)\(database == 0 ? "" : "/\(database)")"
        }
    }
}

extension RedisEndpoint.Address: CustomStringConvertible {
    /// `host:port`, or the path.
    public var description: String {
        switch self {
        case .unix(let path): path
        case .tcp(let host, let port): (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
        }
    }
}

/// Why the parser refused a Redis URL. The message never contains a password.
public struct RedisURLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The expected form, in one line.
    public let message: String

    package init(_ message: String) { self.message = message }

    /// One line for the command line.
    public var description: String { message }
}
