/// The address of some servers of a Redis Cluster, which know the others, and the login:
/// `redis://[user:password@]h1[:6379],h2,…`, `rediss://` for the same over TLS.
public struct RedisSeeds: Sendable, Equatable {
    /// The addresses of the servers in the URL.
    public let addresses: [RedisEndpoint.Address]
    /// The ACL user; `nil` is Redis's `default`.
    public let user: String?
    /// The password; `nil`: no AUTH is sent.
    public let password: String?
    /// The TLS files; nil for plain connections.
    public var tls: RedisTLS?

    /// Servers at `addresses`, with one login.
    public init(
        _ addresses: [RedisEndpoint.Address], user: String? = nil, password: String? = nil, tls: RedisTLS? = nil
    ) {
        precondition(!addresses.isEmpty, "RedisSeeds: there is at least one")
        self.addresses = addresses
        self.user = user
        self.password = password
        self.tls = tls
    }

    /// The address and login of one server.
    public func server(at address: RedisEndpoint.Address) -> RedisEndpoint {
        RedisEndpoint(address: address, user: user, password: password, tls: tls)
    }
}

extension RedisSeeds {
    /// Reads a URL of several servers; nil for every other URL.
    public init?(parsing url: String) throws(RedisURLError) {
        guard let separator = url.firstRange(of: "://"),
            let usesTLS = Self.usesTLS(url[..<separator.lowerBound].lowercased())
        else { return nil }
        let rest = url[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        let at = authority.lastIndex(of: "@")
        let hosts = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard hosts.contains(",") else { return nil }
        guard !rest.contains("?"), !rest.contains("#") else { throw .parameters }
        guard try RedisEndpoint.database(rest[authority.endIndex...]) == 0 else { throw .databaseOfCluster }
        var addresses: [RedisEndpoint.Address] = []
        for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
            guard !host.isEmpty else {
                throw RedisURLError("a host is missing between commas; expected redis://h1:p1,h2:p2,…")
            }
            addresses.append(try RedisEndpoint.hostAndPort(host))
        }
        let login = try at.map { (place) throws(RedisURLError) in try RedisEndpoint.login(authority[..<place]) }
        self.init(addresses, user: login?.user, password: login?.password, tls: usesTLS ? RedisTLS() : nil)
    }

    private static func usesTLS(_ scheme: String) -> Bool? {
        switch scheme {
        case "redis": false
        case "rediss": true
        default: nil
        }
    }
}

extension RedisSeeds: CustomStringConvertible {
    /// The URL with the password masked, for logs.
    public var description: String {
        let login = password == nil ? "" : "\(user ?? ""):***@"
        return (tls == nil ? "redis://" : "rediss://") + login + addresses.map(\.description).joined(separator: ",")
    }
}

extension RedisURLError {
    /// The URL names another database than 0 of a cluster.
    public static let databaseOfCluster = RedisURLError(
        "a Redis Cluster has no database but 0; expected a URL that names none")
    fileprivate static let parameters = RedisURLError(
        "a Redis URL takes no parameters (? or #); percent-encode them in a password")
}

extension RedisFailure {
    /// What is wrong with the URL, as Redis or its Sentinels show: a name that no Sentinel knows, or another database
    /// than 0 of a Redis that turned out to be a cluster. Nil for every other failure.
    public var faultOfURL: String? {
        switch self {
        case .unknownMaster(let message): message
        case .refused(let error) where error.message.hasPrefix("SELECT is not allowed in cluster mode"):
            "\(RedisURLError.databaseOfCluster)"
        default: nil
        }
    }
}
