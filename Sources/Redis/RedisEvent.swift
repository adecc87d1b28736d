public import RESP

/// An event of a connection.
public enum RedisEvent: Sendable, Equatable {
    /// The connection is ready, for the first time or again: Redis took the login and answered a PING.
    case connected(RedisServer)
    /// A ready connection is lost. ``retrying(milliseconds:)`` follows.
    case lost(RedisFailure)
    /// An attempt failed: unreachable, silent, not a Redis, or not ready yet. ``retrying(milliseconds:)`` follows.
    case failed(RedisFailure)
    /// An attempt failed until an operator helps: the log must show it. ``retrying(milliseconds:)`` follows.
    case refused(RedisFailure)
    /// Redis refused a command because it takes no writes or the user lacks a right. The completion was called before.
    case declined(RedisReplyError)
    /// A server that was connected all the time has slots now that no server served: commands that failed until now succeed.
    case tookOver
    /// The next attempt comes after this time.
    case retrying(milliseconds: UInt64)
}

extension RedisEvent {
    /// Whether commands that failed until now may succeed.
    package var bringsKeysBack: Bool {
        switch self {
        case .connected, .tookOver: true
        case .lost, .failed, .refused, .declined, .retrying: false
        }
    }

    /// The end of a connection or of an attempt.
    package init(_ failure: RedisFailure, wasReady: Bool) {
        self = wasReady ? .lost(failure) : failure.needsOperator ? .refused(failure) : .failed(failure)
    }
}

/// The Redis at the other end, by `INFO server`.
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

    /// Whether this Redis is too old for Fantail.
    var isTooOld: Bool {
        guard let major = Int(version.prefix { $0 != "." }) else { return true }
        return major < Self.minMajorVersion
    }

    /// Reads the reply to INFO; `nil` where it lacks one of the two.
    init?(_ info: RedisInfo) {
        guard let runID = info["run_id"], let version = info["redis_version"], !runID.isEmpty else { return nil }
        self.init(runID: runID, version: version, isCluster: info.isCluster)
    }
}
