import RESP

/// What a connection says of itself in its handshake, and what it will do with for a Redis.
struct Login {
    let endpoint: RedisEndpoint
    /// What CLIENT LIST shows.
    let name: String
    /// Scripts that are loaded before the connection is ready.
    var scripts: [RedisScript] = []
    /// Whether a replica will do, which takes no writes.
    var readsReplicas = false
}
