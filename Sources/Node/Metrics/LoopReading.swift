import Events
import Dialects
import Hub
import RESP
import Redis

/// What one loop has to say when metrics are read.
struct LoopReading: Sendable {
    var counters: LoopCounters
    var hub: Hub.Counters
    var channels: Int
    var subscriptions: Int
    var handshakes: Int
    var commandsUp: Bool
    var pubsubUp: Bool
    var pending: Int
    var isRegistered: Bool
    var cluster: ClusterNumbers
    var presence: LoopPresence.Counters
    var inquiries: Inquiries.Counters
}

extension LoopCore {
    /// How things stand on this loop now.
    var reading: LoopReading {
        var counters = counters
        counters.following = subscriptions.counters
        return LoopReading(
            counters: counters, hub: hub.counters, channels: hub.channelCount,
            subscriptions: hub.channels.reduce(0) { $0 + ($1.name.isPersonal ? 0 : $1.viewerCount) },
            handshakes: pendingHandshakes, commandsUp: redis.isReady, pubsubUp: subscriptions.isReady,
            pending: redis.pendingCount, isRegistered: presence.isRegistered, cluster: presence.numbers,
            presence: presence.counters, inquiries: inquiries?.counters ?? Inquiries.Counters())
    }
}

extension LoopCounters {
    /// Adds what another loop has counted.
    mutating func add(_ other: LoopCounters) {
        bytesIn += other.bytesIn
        bytesOut += other.bytesOut
        accepted += other.accepted
        following.add(other.following)
        acknowledgementsDropped += other.acknowledgementsDropped
        streams += other.streams
        linesSuppressed += other.linesSuppressed
        for name in DialectName.allCases {
            sessions[name] += other.sessions[name]
            upgrades[name] += other.upgrades[name]
        }
        closes.merge(other.closes, uniquingKeysWith: +)
        refused.merge(other.refused, uniquingKeysWith: +)
        responses.merge(other.responses, uniquingKeysWith: +)
        redisConnects.add(other.redisConnects)
        redisLosses.add(other.redisLosses)
        flushBytes.add(other.flushBytes)
        commandMicroseconds.add(other.commandMicroseconds)
    }
}
