/// Asks whether Redis answers: PING.
public struct PingRequest: CommandRequest {
    /// The encoded command.
    public let command = RedisCommand("PING")
    /// The request's name in errors.
    public var name: String { "PING" }

    /// A PING without a message.
    public init() {}

    /// Nil for every answer but PONG.
    public func reply(_ value: RedisValue) -> Void? { value == .status("PONG") ? () : nil }
}
