/// Asks a Redis about itself: INFO.
public struct InfoRequest: CommandRequest {
    /// A section of the reply.
    public enum Section: String, Sendable {
        case server, memory, keyspace, replication
    }

    /// The encoded command.
    public let command: RedisCommand
    /// The request's name in errors.
    public var name: String { "INFO" }

    /// Asks for `sections`, at least one.
    public init(_ sections: [Section]) {
        command = RedisCommand(["INFO"] + sections.map { .string($0.rawValue) })
    }

    /// The fields of all sections; nil where the reply is no text.
    public func reply(_ value: RedisValue) -> RedisInfo? { value.string.map(RedisInfo.init) }
}
