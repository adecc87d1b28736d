public import RESP

extension Configuration {
    /// Where Redis is, with every login: the one named by a setting, else the one of this machine.
    public var redisLocation: RedisLocation {
        guard case .sentinel(var group)? = redis else { return redis ?? .local }
        (group.sentinelUser, group.sentinelPassword) = (sentinelUser, sentinelPassword)
        return .sentinel(group)
    }

    /// What does not fit together in the settings of Redis; nil where all does.
    public var redisFault: String? {
        if sentinelUser != nil, sentinelPassword == nil {
            return "--sentinel-user needs --sentinel-password (FANTAIL_SENTINEL_PASSWORD)"
        }
        if sentinelPassword != nil {
            guard case .sentinel? = redis else {
                return "--sentinel-password is for Sentinels; expected --redis redis-sentinel://h1,h2,…/NAME with it"
            }
        }
        return nil
    }
}
