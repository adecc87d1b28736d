/// A question to Redis and its answer; only the request knows the answer's layout.
public protocol RedisRequest: Sendable {
    /// The answer of Redis.
    associatedtype Reply: Sendable
    /// Reads a reply; nil where its layout is wrong.
    func reply(_ value: RedisValue) -> Reply?
    /// The request's name in errors.
    var name: String { get }
}

/// The keys and arguments of one call of a script.
public protocol ScriptRequest: RedisRequest {
    /// The script, one for all calls.
    static var script: RedisScript { get }
    /// The keys that the script reads and writes, all of one hash slot.
    var keys: [String] { get }
    /// The other arguments: channels and values.
    var arguments: [[UInt8]] { get }
}

extension ScriptRequest {
    /// The name of the script.
    public var name: String { Self.script.name }
}

/// One command.
public protocol CommandRequest: RedisRequest {
    /// The encoded command.
    var command: RedisCommand { get }
}

extension RedisRequest {
    /// The reply of a successful request. A reply with a wrong layout is a failure.
    public func outcome(_ result: Result<RedisValue, RedisError>) -> Result<Reply, RedisError> {
        result.flatMap { value in
            reply(value).map(Result.success) ?? .failure(.reply(.unexpected(name)))
        }
    }
}

extension RedisReplyError {
    /// The error of a reply with a wrong layout.
    fileprivate static func unexpected(_ name: String) -> RedisReplyError {
        RedisReplyError(code: "ERR", message: "unexpected reply to \(name)")
    }
}
