/// A question to Redis and its answer; only the request knows the answer's layout.
public protocol RedisRequest: Sendable {
    /// The answer of Redis.
    associatedtype Reply: Sendable
    /// Reads a reply; nil where its layout is wrong.
    func reply(_ value: RedisValue) -> Reply?
    /// Reads an error that is an answer to this request; nil where it is a failure, as every error is by default.
    func reply(to error: RedisReplyError) -> Reply?
    /// The request's name in errors.
    var name: String { get }
}

extension RedisRequest {
    /// No error is an answer.
    public func reply(to error: RedisReplyError) -> Reply? { nil }
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
    /// The reply of a request. A reply with a wrong layout is a failure, and so is an error that is no answer to it.
    public func outcome(_ result: Result<RedisValue, RedisError>) -> Result<Reply, RedisError> {
        switch result {
        case .success(let value): reply(value).map(Result.success) ?? .failure(.reply(.unexpected(name)))
        case .failure(.reply(let error)): reply(to: error).map(Result.success) ?? .failure(.reply(error))
        case .failure(let failure): .failure(failure)
        }
    }
}

extension RedisReplyError {
    /// The error of a reply with a wrong layout.
    fileprivate static func unexpected(_ name: String) -> RedisReplyError {
        RedisReplyError(code: "ERR", message: "unexpected reply to \(name)")
    }
}
