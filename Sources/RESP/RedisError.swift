/// Why a command failed.
public enum RedisError: Error, Equatable, Sendable {
    /// The connection is not ready; nothing was sent.
    case notReady
    /// The connection is not ready because Redis said that it takes no writes; nothing was sent.
    case turnedAway(RedisReplyError)
    /// Too many commands, or too many bytes of them, wait for replies (``RedisLimits``); nothing was sent.
    case overloaded
    /// The owner closed the connection. A command accepted before may have run.
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

    /// The error of Redis itself, where there is one.
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

/// Why a connection ended or failed.
public enum RedisFailure: Error, Equatable, Sendable {
    /// No connection: the system's error name (`ECONNREFUSED`, `EAI_NONAME`, `ETIMEDOUT` …) and its text.
    case unreachable(code: String, message: String)
    /// The other side closed or reset the connection.
    case ended(String)
    /// A bad certificate: Redis's, or ours as Redis sees it, or the file of one is unusable.
    case untrusted(String)
    /// The TLS handshake failed: no TLS at the other end, or only an old version.
    case insecure(String)
    /// Redis was silent for longer than a deadline.
    case silent(milliseconds: UInt64)
    /// The bytes are not RESP2, or the reply fits no command: not a Redis, or a reply beyond a bound.
    case nonsense(String)
    /// Redis is not usable yet (LOADING, MASTERDOWN, BUSY); the node waits.
    case unavailable(RedisReplyError)
    /// Redis refuses the login (NOAUTH, WRONGPASS, NOPERM); only an operator can help.
    case refused(RedisReplyError)
    /// Redis is older than 7.
    case tooOld(version: String)
    /// Another Redis is the master now.
    case moved(to: String)
    /// No Sentinel has named the master, with each Sentinel's reason. `needsOperator` where all refuse the login.
    case noSentinel(String, needsOperator: Bool)
    /// All Sentinels that answer know no master of the URL's name.
    case unknownMaster(String)

    /// Whether only an operator can help, so that a quick retry is pointless.
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
