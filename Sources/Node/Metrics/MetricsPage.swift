import Events
import Dialects
import HTTP
import Hub
import Synchronization

/// `/metrics`: what all loops have counted, added up now.
enum MetricsPage {
    static func answer(core: LoopCore, isolation: isolated (any Actor)? = #isolation) async -> Response {
        var readings: [LoopReading] = []
        for loop in core.shared.loops.withLock({ $0 }) {
            if let reading = await loop.reading() { readings.append(reading) }
        }
        var text = MetricsText()
        writeNode(core.shared, await Health.unreadiness(core.shared), &text)
        var sum = LoopCounters()
        for reading in readings { sum.add(reading.counters) }
        writeClients(sum, readings, core.shared, &text)
        writeEvents(sum, readings, &text)
        writeRedis(sum, readings, core.shared, &text)
        writeUpstream(readings.map(\.inquiries), &text)
        writePresence(readings, &text)
        return Response(
            status: 200, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"], body: text.bytes)
    }

    private static func writeNode(_ shared: NodeShared, _ unreadiness: Unreadiness?, _ text: inout MetricsText) {
        text.begin(.buildInfo)
        text.sample(.buildInfo, ["version": Version.current, "node": shared.log.node], 1)
        text.write(.startTime, Double(shared.startedAt) / 1000)
        text.write(.ready, unreadiness == nil ? 1 : 0)
        text.begin(.unready)
        for reason in Unreadiness.allCases {
            text.sample(.unready, ["reason": reason.rawValue], reason == unreadiness ? 1 : 0)
        }
        text.write(.loops, shared.loops.withLock { $0.count })
        text.write(.cpu, ProcessFigures.cpuSeconds)
        text.write(.memory, ProcessFigures.residentBytes)
    }

    private static func writeClients(
        _ sum: LoopCounters, _ readings: [LoopReading], _ shared: NodeShared, _ text: inout MetricsText
    ) {
        text.write(.connections, shared.connectionCount.load(ordering: .relaxed))
        text.write(.connectionLimit, shared.limits.connections)
        text.write(.accepted, sum.accepted)
        text.write(.handshakes, readings.reduce(0) { $0 + $1.handshakes })
        byDialect(.sessions, sum.sessions, &text)
        byDialect(.upgrades, sum.upgrades, &text)
        text.write(.streams, sum.streams)
        text.begin(.closes)
        for (close, count) in sum.closes.sorted(by: { $0.key < $1.key }) {
            text.sample(.closes, ["code": close.codeText, "by": close.byNode ? "node" : "client"], count)
        }
        text.write(.slowCloses, readings.reduce(0) { $0 + $1.hub.overflows })
        text.begin(.refused)
        for reason in RefusalReason.allCases {
            text.sample(.refused, ["reason": reason.rawValue], sum.refused[reason] ?? 0)
        }
        text.write(.linesSuppressed, sum.linesSuppressed)
        text.write(.linesDropped, shared.log.dropped)
        text.begin(.responses)
        for (status, count) in sum.responses.sorted(by: { $0.key < $1.key }) {
            text.sample(.responses, ["status": "\(status)"], count)
        }
    }

    private static func byDialect(_ metric: Metric, _ counts: ByDialect<Int>, _ text: inout MetricsText) {
        text.begin(metric)
        for name in DialectName.allCases {
            text.sample(metric, ["dialect": "\(name)"], counts[name])
        }
    }

    private static func writeEvents(_ sum: LoopCounters, _ readings: [LoopReading], _ text: inout MetricsText) {
        text.write(.subscriptions, readings.reduce(0) { $0 + $1.subscriptions })
        text.write(.channels, readings.reduce(0) { $0 + $1.channels })
        text.write(.eventsIn, sum.following.eventsIn)
        text.begin(.eventsDropped)
        text.sample(.eventsDropped, ["reason": "invalid"], sum.following.eventsInvalid)
        text.sample(.eventsDropped, ["reason": "forged"], sum.following.eventsForged)
        text.sample(.eventsDropped, ["reason": "after_end"], sum.following.eventsAfterEnd)
        text.write(.deliveries, readings.reduce(0) { $0 + $1.hub.deliveries })
        text.write(.conflated, readings.reduce(0) { $0 + $1.hub.conflated })
        text.write(.latency, sum.following.deliveryMilliseconds, buckets: 0..<15, dividedBy: 1_000)
        text.write(.reads, sum.following.channelReads)
        text.write(.behind, sum.following.positionsBehind)
        text.write(.unacknowledged, sum.acknowledgementsDropped)
        text.write(.bytesIn, sum.bytesIn)
        text.write(.bytesOut, sum.bytesOut)
        text.write(.flushes, sum.flushBytes, buckets: 6..<22, dividedBy: 1)
    }

    private static func writeRedis(
        _ sum: LoopCounters, _ readings: [LoopReading], _ shared: NodeShared, _ text: inout MetricsText
    ) {
        text.begin(.redisUp)
        text.sample(.redisUp, ["connection": "commands"], readings.count { $0.commandsUp })
        text.sample(.redisUp, ["connection": "pubsub"], readings.count { $0.pubsubUp })
        for (metric, counts) in [(Metric.redisConnects, sum.redisConnects), (.redisLosses, sum.redisLosses)] {
            text.begin(metric)
            text.sample(metric, ["connection": "commands"], counts.commands)
            text.sample(metric, ["connection": "pubsub"], counts.pubsub)
        }
        text.write(.redisPending, readings.reduce(0) { $0 + $1.pending })
        text.write(.redisLatency, sum.commandMicroseconds, buckets: 5..<23, dividedBy: 1_000_000)
        text.write(.probesFailing, shared.failingProbes.load(ordering: .relaxed))
    }

    private static func writeUpstream(_ counters: [Inquiries.Counters], _ text: inout MetricsText) {
        text.write(.upstreamRequests, counters.reduce(0) { $0 + $1.requests })
        text.write(.upstreamFailures, counters.reduce(0) { $0 + $1.failures })
        text.write(.upstreamRefused, counters.reduce(0) { $0 + $1.refused })
    }

    /// Every loop hears the same of the cluster; the highest is the newest that any has heard, or nearly.
    private static func writePresence(_ readings: [LoopReading], _ text: inout MetricsText) {
        text.write(.usersOnline, readings.map(\.cluster.online).max() ?? 0)
        text.write(.clusterConnections, readings.map(\.cluster.connections).max() ?? 0)
        text.write(.leasesLost, readings.reduce(0) { $0 + $1.presence.leasesLost })
        text.write(.registered, readings.count { $0.isRegistered })
    }
}
