import Events
import Dialects
import WebSocket

/// What one loop has counted since it started. Plain integers: a loop writes only its own, and they are added up when
/// somebody asks.
struct LoopCounters: Sendable {
    /// A number for each of a loop's two connections to Redis.
    struct RedisPair: Sendable {
        var commands: UInt64 = 0
        var pubsub: UInt64 = 0

        mutating func add(_ other: RedisPair) {
            commands += other.commands
            pubsub += other.pubsub
        }
    }

    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    /// Bytes of single writes.
    var flushBytes = Log2Histogram()
    /// Connections accepted.
    var accepted: UInt64 = 0
    var following = FollowingCounters()
    /// Messages of topics that were sent as often as may be and never acknowledged.
    var acknowledgementsDropped: UInt64 = 0

    /// Open WebSockets, and those ever opened, by dialect.
    var sessions = ByDialect(repeating: 0)
    var upgrades = ByDialect(repeating: 0)
    /// Open streams of server-sent events.
    var streams = 0
    /// WebSockets closed.
    var closes: [Close: UInt64] = [:]
    var refused: [RefusalReason: UInt64] = [:]
    /// Lines about refused clients that were not written, since there were too many.
    var linesSuppressed: UInt64 = 0
    /// HTTP answers by status.
    var responses: [Int: UInt64] = [:]

    var redisConnects = RedisPair()
    var redisLosses = RedisPair()
    /// Microseconds from commands to replies.
    var commandMicroseconds = Log2Histogram()
}

extension LoopCounters {
    /// How a WebSocket ended.
    struct Close: Hashable, Comparable, Sendable {
        /// 1006: without a close frame; 0: a code of the client's own.
        let code: UInt16
        let byNode: Bool

        static func byNode(_ code: CloseCode) -> Close { Close(code: code.rawValue, byNode: true) }

        /// Codes of the registry are told apart; any others are one, since a client could make up thousands.
        static func byClient(_ code: CloseCode) -> Close {
            Close(code: (1000...1015).contains(code.rawValue) ? code.rawValue : 0, byNode: false)
        }

        var codeText: String { code == 0 ? "other" : "\(code)" }

        static func < (left: Close, right: Close) -> Bool {
            (left.code, left.byNode ? 1 : 0) < (right.code, right.byNode ? 1 : 0)
        }
    }
}
