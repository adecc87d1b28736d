/// Why a command has no reply, or an error for one.
public enum RedisError: Error, Equatable, Sendable {
    /// The connection is not ready; nothing was sent.
    case notReady
    /// The connection is not ready because Redis takes no writes, as it said itself; nothing was sent.
    case turnedAway(RedisReplyError)
    /// Too many commands, or too many bytes of them, wait for replies (``RedisLimits``); nothing was sent.
    case overloaded
    /// The connection was closed by its owner. A command accepted before may have run.
    case closed
    /// The connection was lost after the command was accepted: it may or may not have run.
    case lost(RedisFailure)
    /// Redis answered with an error.
    case reply(RedisReplyError)

    /// Whether the command certainly did not run.
    public var wasNotSent: Bool {
        switch self {
        case .notReady, .turnedAway, .overloaded: true
        case .closed, .lost, .reply: false
        }
    }

    /// What Redis itself said, where that is why.
    public var reply: RedisReplyError? {
        switch self {
        case .turnedAway(let error), .reply(let error), .lost(.unavailable(let error)): error
        case .notReady, .overloaded, .closed, .lost: nil
        }
    }
}

extension RedisError: CustomStringConvertible {
    /// One line for logs and for the command line.
    public var description: String {
        switch self {
        case .notReady: "not connected to Redis"
        case .turnedAway(let error): "Redis takes no writes: \(error)"
        case .overloaded: "too many Redis commands are waiting for replies"
        case .closed: "the Redis connection was closed"
        case .lost(let failure): "the Redis connection was lost: \(failure)"
        case .reply(let error): "Redis answered: \(error)"
        }
    }
}

/// Why a connection ended, or could not be made.
public enum RedisFailure: Error, Equatable, Sendable {
    /// No connection: the system's error name (`ECONNREFUSED`, `EAI_NONAME`, `ETIMEDOUT` …) and its text.
    case unreachable(code: String, message: String)
    /// The other side closed or reset the connection.
    case ended(String)
    /// A certificate is not what it should be: that of Redis, or ours in the eyes of Redis, or a file with one cannot be used.
    case untrusted(String)
    /// There was a connection, and TLS could not be agreed on: no TLS at the other end, or only an old one.
    case insecure(String)
    /// Redis was silent for longer than a deadline.
    case silent(milliseconds: UInt64)
    /// What came is not RESP2, or not what was asked for: something else listens there, or a bound was passed.
    case nonsense(String)
    /// Redis is not usable yet (LOADING, MASTERDOWN, BUSY); waited out.
    case unavailable(RedisReplyError)
    /// Redis does not let us in (NOAUTH, WRONGPASS, NOPERM); only an operator can help.
    case refused(RedisReplyError)
    /// Redis is older than 7.
    case tooOld(version: String)
    /// The master is another Redis now.
    case moved(to: String)
    /// No Sentinel has said where the master is; why not, of each. `needsOperator` where none of them lets this user in.
    case noSentinel(String, needsOperator: Bool)
    /// All Sentinels that answer know no master of the name in the URL.
    case unknownMaster(String)

    /// Whether only an operator can help, so that retrying soon is pointless.
    public var needsOperator: Bool {
        switch self {
        case .refused, .tooOld, .untrusted, .unknownMaster: true
        case .noSentinel(_, let needsOperator): needsOperator
        default: false
        }
    }
}

extension RedisFailure: CustomStringConvertible {
    /// One line for logs and for the command line.
    public var description: String {
        switch self {
        case .unreachable(let code, let message): "cannot connect: \(message) (\(code))"
        case .ended(let reason): "the connection ended: \(reason)"
        case .untrusted(let message): message
        case .insecure(let message): "no TLS with Redis: \(message)"
        case .silent(let milliseconds): "no answer within \(milliseconds) ms"
        case .nonsense(let message): "not a Redis reply: \(message)"
        case .unavailable(let error): "Redis is not ready: \(error)"
        case .refused(let error): "Redis refuses this login: \(error)"
        case .tooOld(let version): "Redis \(version) is too old, 7 or later is needed"
        case .moved(let address): "the master is at \(address) now"
        case .noSentinel(let message, _), .unknownMaster(let message): message
        }
    }
}
