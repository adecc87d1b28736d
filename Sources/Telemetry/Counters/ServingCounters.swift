package import Dialects

/// What one loop has counted of its clients.
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
    /// Open streams of server-sent events.
    package var streams = 0

    /// What clients were refused.
    package var refused: [RefusalReason: UInt64] = [:]
    /// Lines about refused clients that were not written: there were too many.
    package var linesSuppressed: UInt64 = 0
    /// Messages of topics that were sent as often as may be and never acknowledged.
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
