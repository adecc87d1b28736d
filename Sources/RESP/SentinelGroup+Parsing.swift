extension SentinelGroup {
    private static let form = "redis-sentinel://[user:password@]h1[:26379],h2,…/NAME[/db]"
    /// The default port of Sentinels.
    private static let port: UInt16 = 26379
    /// Sentinels in one URL: a handful is usual, and every loop asks each of them.
    private static let maxSentinels = 16
    private static let maxNameBytes = 255

    /// Reads `redis-sentinel://[user:password@]h1[:26379],h2,…/NAME[/db]` and `rediss-sentinel://`; nil for another
    /// scheme. User, password and name are percent-decoded.
    public init?(parsing url: String) throws(RedisURLError) {
        guard let separator = url.firstRange(of: "://") else { return nil }
        switch url[..<separator.lowerBound].lowercased() {
        case "redis-sentinel": self = try Self.group(url[separator.upperBound...])
        case "rediss-sentinel":
            var group = try Self.group(url[separator.upperBound...])
            group.tls = RedisTLS()
            self = group
        case "redis+sentinel", "sentinel", "rediss+sentinel", "sentinels":
            throw RedisURLError("expected \(Self.form), or rediss-sentinel:// for TLS")
        default: return nil
        }
    }

    private static func group(_ rest: Substring) throws(RedisURLError) -> SentinelGroup {
        guard !rest.contains("?"), !rest.contains("#") else {
            throw RedisURLError("a Redis URL takes no parameters (? or #); percent-encode them in a password")
        }
        let authority = rest.prefix { $0 != "/" }
        let path = rest[authority.endIndex...].dropFirst()
        // The last @ separates: passwords often contain a raw @, and the form stays unambiguous.
        let at = authority.lastIndex(of: "@")
        let hosts = at.map { authority[authority.index(after: $0)...] } ?? authority
        let name = path.prefix { $0 != "/" }
        var group = SentinelGroup(sentinels: try sentinels(hosts), name: try self.name(name))
        if let at { (group.user, group.password) = try RedisEndpoint.login(authority[..<at]) }
        group.database = try RedisEndpoint.database(path[name.endIndex...])
        return group
    }

    private static func sentinels(_ text: Substring) throws(RedisURLError) -> [RedisEndpoint.Address] {
        var sentinels: [RedisEndpoint.Address] = []
        for host in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !host.isEmpty else { throw RedisURLError("a Sentinel's host is missing; expected \(form)") }
            let address = try RedisEndpoint.hostAndPort(host, port: port)
            guard !sentinels.contains(address) else {
                throw RedisURLError("the Sentinel \(address) appears twice; name each Sentinel once")
            }
            sentinels.append(address)
        }
        guard sentinels.count <= maxSentinels else {
            throw RedisURLError("expected at most \(maxSentinels) Sentinels, got \(sentinels.count)")
        }
        return sentinels
    }

    private static func name(_ text: Substring) throws(RedisURLError) -> String {
        guard !text.isEmpty else {
            throw RedisURLError("the master's name is missing after the Sentinels; expected \(form)")
        }
        let name = try RedisEndpoint.percentDecoded(text, "the master's name")
        guard name.utf8.count <= maxNameBytes, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw RedisURLError("the master's name has characters that Sentinel does not take, or is too long")
        }
        return name
    }
}
