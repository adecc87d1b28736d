import RESP

/// What a connection says of itself in its handshake, and what it will do with for a Redis.
struct Login {
    var endpoint: RedisEndpoint
    /// What CLIENT LIST shows.
    var name: String
    /// Scripts that are loaded before the connection is ready.
    var scripts: [RedisScript] = []
    /// Who must answer there.
    var expected = Expected.writable

    /// The same for a connection that hears.
    var forSubscriptions: Login {
        var login = self
        login.name += "-sub"
        login.scripts = []
        return login
    }

    enum Expected {
        /// A Redis that takes writes.
        case writable
        /// A master, by its own word: a replica that takes writes would lose them.
        case master
        /// Any Redis, a replica too: nothing will be written.
        case anyRedis
        /// A Sentinel.
        case sentinel
    }
}
