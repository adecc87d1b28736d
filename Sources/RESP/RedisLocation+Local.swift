extension RedisEndpoint {
    /// Where a Redis is looked for when none is named.
    public static let local = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: 6379))
}

extension RedisLocation {
    /// Where a Redis is looked for when none is named.
    public static let local = RedisLocation.server(.local)
}
