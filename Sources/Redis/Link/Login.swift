package import RESP

/// The login of a connection: its name, its credentials, and the kind of Redis that it accepts.
package struct Login {
    package var endpoint: RedisEndpoint
    /// The name in CLIENT LIST.
    package var name: String
    /// Scripts that the handshake loads.
    package var scripts: [RedisScript] = []
    /// How scripts publish the events of tasks and topics.
    package var pubSub = ClusterPubSub.classic
    /// The kind of server that must answer.
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

    /// The same login for a pub/sub connection.
    package var forSubscriptions: Login {
        var login = self
        login.name += "-sub"
        login.scripts = []
        return login
    }

    package enum Expected {
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
