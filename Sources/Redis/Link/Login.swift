package import RESP

/// What a connection says of itself in its handshake, and what it will do with for a Redis.
package struct Login {
    package var endpoint: RedisEndpoint
    /// What CLIENT LIST shows.
    package var name: String
    /// Scripts that are loaded before the connection is ready.
    package var scripts: [RedisScript] = []
    /// Who must answer there.
    package var expected = Expected.writable

    /// A login to `endpoint`.
    package init(
        endpoint: RedisEndpoint, name: String, scripts: [RedisScript] = [], expected: Expected = .writable
    ) {
        self.endpoint = endpoint
        self.name = name
        self.scripts = scripts
        self.expected = expected
    }

    /// The same for a connection that hears.
    package var forSubscriptions: Login {
        var login = self
        login.name += "-sub"
        login.scripts = []
        return login
    }

    package enum Expected {
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
