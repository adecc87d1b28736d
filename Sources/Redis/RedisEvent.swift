public import RESP

/// What happens to a connection.
public enum RedisEvent: Sendable, Equatable {
    /// Connected, logged in, and a PING was answered: commands are taken, first or again.
    case connected(RedisServer)
    /// A connection that was ready is gone. Followed by ``retrying(milliseconds:)``.
    case lost(RedisFailure)
    /// An attempt failed: unreachable, silent, nonsense, or not ready yet. Followed by ``retrying(milliseconds:)``.
    case failed(RedisFailure)
    /// An attempt failed in a way only an operator can mend; to be logged loudly. Followed by ``retrying(milliseconds:)``.
    case refused(RedisFailure)
    /// A command was refused, after its completion was called, because Redis takes no writes or the user lacks a right.
    case declined(RedisReplyError)
    /// The next attempt comes after so long.
    case retrying(milliseconds: UInt64)
    /// It has happened to the connection to one of several masters, which has this address. The other cases are then said of all
    /// of them together: some can be asked, or none.
    indirect case shard(String, RedisEvent)
}

extension RedisEvent {
    /// Whether commands are taken, or messages heard, that were not before: by all, or by one of several masters.
    public var isConnection: Bool {
        switch self {
        case .connected: true
        case .shard(_, let event): event.isConnection
        case .lost, .failed, .refused, .declined, .retrying: false
        }
    }

    /// The end of a connection, or of an attempt to make one.
    package init(_ failure: RedisFailure, wasReady: Bool) {
        self = wasReady ? .lost(failure) : failure.needsOperator ? .refused(failure) : .failed(failure)
    }
}

/// What `INFO server` says about the Redis at the other end.
public struct RedisServer: Sendable, Equatable {
    /// `run_id`: changes with every Redis process, so a restart or failover shows.
    public let runID: String
    /// `redis_version`, such as `7.0.15`.
    public let version: String
    /// Whether it is one of a cluster.
    public var isCluster = false
}

extension RedisServer {
    /// The least `redis_version` that has Functions and `#!lua` scripts.
    static let minMajorVersion = 7

    /// Whether this Redis is too old for us.
    var isTooOld: Bool {
        guard let major = Int(version.prefix { $0 != "." }) else { return true }
        return major < Self.minMajorVersion
    }

    /// Reads what INFO says of the server; `nil` when it does not name both.
    init?(_ info: RedisInfo) {
        guard let runID = info["run_id"], let version = info["redis_version"], !runID.isEmpty else { return nil }
        self.init(runID: runID, version: version, isCluster: info.isCluster)
    }
}
