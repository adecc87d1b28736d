import RESP

/// The login of a connection: its name, its credentials, and the kind of Redis that it accepts.
struct Login {
    var endpoint: RedisEndpoint
    /// The name in CLIENT LIST.
    var name: String
    /// Scripts that the handshake loads.
    var scripts: [RedisScript] = []
    /// The kind of server that must answer.
    var expected = Expected.writable

    /// The same login for a pub/sub connection.
    var forSubscriptions: Login {
        var login = self
        login.name += "-sub"
        login.scripts = []
        return login
    }

    enum Expected {
        /// A Redis that takes writes.
        case writable
        /// A master that reports itself as one: a replica that takes writes would lose them.
        case master
        /// Any Redis, replicas included: the client writes nothing.
        case anyRedis
        /// A Sentinel: it says so in INFO.
        case sentinel
    }
}
