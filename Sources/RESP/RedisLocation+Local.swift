extension RedisEndpoint {
    /// The Redis to try when no setting names one.
    public static let local = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: 6379))
}

extension RedisLocation {
    /// The Redis to try when no setting names one.
    public static let local = RedisLocation.server(.local)
}
