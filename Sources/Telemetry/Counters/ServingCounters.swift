package import Dialects

/// One loop's counts of its clients.
package struct ServingCounters: Counters {
    /// Bytes read from clients.
    package var bytesIn: UInt64 = 0
    /// Bytes written to clients.
    package var bytesOut: UInt64 = 0
    /// Bytes of single writes.
    package var flushBytes = Log2Histogram()
    /// Connections accepted.
    package var accepted: UInt64 = 0
    /// HTTP answers by status.
    package var responses: [Int: UInt64] = [:]

    /// Open WebSockets, by dialect.
    package var sessions = ByDialect(repeating: 0)
    /// WebSockets ever opened, by dialect.
    package var upgrades = ByDialect(repeating: 0)
    /// WebSockets closed.
    package var closes: [WebSocketEnd: UInt64] = [:]
    /// Open event streams.
    package var streams = 0

    /// Refusals by reason.
    package var refused: [RefusalReason: UInt64] = [:]
    /// Log lines about refused clients that were not written, since there were too many.
    package var linesSuppressed: UInt64 = 0
    /// Messages of topics that had their last attempt and were never acknowledged.
    package var acknowledgementsDropped: UInt64 = 0

    package init() {}

    package mutating func add(_ other: ServingCounters) {
        bytesIn += other.bytesIn
        bytesOut += other.bytesOut
        flushBytes.add(other.flushBytes)
        accepted += other.accepted
        responses.merge(other.responses, uniquingKeysWith: +)
        for name in DialectName.allCases {
            sessions[name] += other.sessions[name]
            upgrades[name] += other.upgrades[name]
        }
        closes.merge(other.closes, uniquingKeysWith: +)
        streams += other.streams
        refused.merge(other.refused, uniquingKeysWith: +)
        linesSuppressed += other.linesSuppressed
        acknowledgementsDropped += other.acknowledgementsDropped
    }
}
