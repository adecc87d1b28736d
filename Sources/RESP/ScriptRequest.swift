/// Something that is asked of Redis and what it answers, with the one place that knows how the answer is laid out.
public protocol RedisRequest: Sendable {
    /// What Redis answers.
    associatedtype Reply: Sendable
    /// Reads a reply; nil where it is none that this request has.
    func reply(_ value: RedisValue) -> Reply?
    /// What the request is called in errors.
    var name: String { get }
}

/// One call of a script: what it is given.
public protocol ScriptRequest: RedisRequest {
    /// The script, one for all calls.
    static var script: RedisScript { get }
    /// The keys that the script reads and writes, all of one hash slot.
    var keys: [String] { get }
    /// What else it is given: channels and values.
    var arguments: [[UInt8]] { get }
}

extension ScriptRequest {
    /// The name of the script.
    public var name: String { Self.script.name }
}

/// One command.
public protocol CommandRequest: RedisRequest {
    /// The command as it is sent.
    var command: RedisCommand { get }
}

extension RedisRequest {
    /// The reply in what came of the request. One that is not laid out as it should be is a failure.
    public func outcome(_ result: Result<RedisValue, RedisError>) -> Result<Reply, RedisError> {
        result.flatMap { value in
            reply(value).map(Result.success) ?? .failure(.reply(.unexpected(name)))
        }
    }
}

extension RedisReplyError {
    /// The error of a reply that is not laid out as it should be.
    fileprivate static func unexpected(_ name: String) -> RedisReplyError {
        RedisReplyError(code: "ERR", message: "unexpected reply to \(name)")
    }
}
