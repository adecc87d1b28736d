public import RESP

extension Configuration {
    /// The Redis in the settings, with its TLS files and its Sentinels' login; nil to search on this machine.
    public var redis: RedisLocation? {
        switch redisURL {
        case nil: return nil
        case .server(var endpoint)?:
            if endpoint.tls != nil { endpoint.tls = redisTLS }
            return .server(endpoint)
        case .cluster(var seeds)?:
            if seeds.tls != nil { seeds.tls = redisTLS }
            return .cluster(seeds)
        case .sentinel(var group)?:
            if group.tls != nil { group.tls = redisTLS }
            (group.sentinelUser, group.sentinelPassword) = (sentinelUser, sentinelPassword)
            return .sentinel(group)
        }
    }
}
