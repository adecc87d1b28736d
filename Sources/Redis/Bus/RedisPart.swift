public import RESP

/// One of several servers that a Redis consists of, or by which it is found.
public struct RedisPart: Sendable, Hashable {
    /// The kind of server, as reports name it.
    public let kind: String
    /// The server's address.
    public let address: RedisEndpoint.Address
    /// Whether the server takes commands of its own. Others only tell where to send commands.
    public let takesCommands: Bool
    /// Whether each loop does without something while its own connection is lost. Of the other servers one loop of a node
    /// knows as much as all.
    public let isOfEachLoop: Bool

    /// A server that reports name as `kind`.
    public init(kind: String, address: RedisEndpoint.Address, takesCommands: Bool, isOfEachLoop: Bool) {
        self.kind = kind
        self.address = address
        self.takesCommands = takesCommands
        self.isOfEachLoop = isOfEachLoop
    }
}

/// Keys that are out of reach though the bus takes commands: one of several servers is away.
public struct AbsentShard: Sendable, Hashable {
    /// The address of the server, or how many hash slots have none.
    public let name: String
    /// Why the bus cannot reach the keys.
    public let reason: String

    /// Keys that cannot be reached for this reason.
    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
