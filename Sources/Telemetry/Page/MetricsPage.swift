import Dialects
import Hub
import Settings

/// `/metrics`: the sums of all loops' counts.
package struct MetricsPage {
    /// The type of the page: Prometheus' text format.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let node: NodeReading
    private let readings: [LoopReading]
    private var text = MetricsText()

    /// Writes the page of a node and its loops.
    package static func bytes(_ node: NodeReading, _ readings: [LoopReading]) -> [UInt8] {
        var page = MetricsPage(node: node, readings: readings)
        page.writeNode()
        page.writeClients(readings.map(\.serving).total())
        page.writeEvents(readings.map(\.following).total(), readings.map(\.serving).total())
        page.writeRedis(readings.map(\.redis).total())
        page.writeThirdParties(readings.map(\.asking).total())
        page.writePresence(readings.map(\.online).total())
        return page.text.bytes
    }

    private init(node: NodeReading, readings: [LoopReading]) {
        self.node = node
        self.readings = readings
    }

    private mutating func writeNode() {
        text.begin(.buildInfo)
        text.sample(.buildInfo, ["version": Version.current, "node": node.name], 1)
        text.write(.startTime, Double(node.startedAt) / 1000)
        text.write(.ready, node.unreadiness.contains { $0.holds } ? 0 : 1)
        text.begin(.unready)
        for (word, holds) in node.unreadiness { text.sample(.unready, ["reason": word], holds ? 1 : 0) }
        text.write(.certificateExpiry, node.certificateExpiry)
        text.write(.loops, node.loops)
        text.write(.cpu, ProcessFigures.cpuSeconds)
        text.write(.memory, ProcessFigures.residentBytes)
    }

    private mutating func writeClients(_ total: ServingCounters) {
        text.write(.connections, node.connections)
        text.write(.connectionLimit, node.connectionLimit)
        text.write(.accepted, total.accepted)
        text.write(.handshakes, sum(\.gauges.handshakes))
        writeByDialect(.sessions, total.sessions)
        writeByDialect(.upgrades, total.upgrades)
        text.write(.streams, total.streams)
        text.begin(.closes)
        for (end, count) in total.closes.sorted(by: { $0.key < $1.key }) {
            text.sample(.closes, ["code": end.codeText, "by": end.byNode ? "node" : "client"], count)
        }
        text.write(.slowCloses, sum(\.hub.overflows))
        text.begin(.refused)
        for reason in RefusalReason.allCases {
            text.sample(.refused, ["reason": reason.rawValue], total.refused[reason] ?? 0)
        }
        text.write(.linesSuppressed, total.linesSuppressed)
        text.write(.linesDropped, node.linesDropped)
        text.begin(.responses)
        for (status, count) in total.responses.sorted(by: { $0.key < $1.key }) {
            text.sample(.responses, ["status": "\(status)"], count)
        }
    }

    private mutating func writeByDialect(_ metric: Metric, _ counts: ByDialect<Int>) {
        text.begin(metric)
        for name in DialectName.allCases {
            text.sample(metric, ["dialect": "\(name)"], counts[name])
        }
    }

    private mutating func writeEvents(_ total: FollowingCounters, _ clients: ServingCounters) {
        text.write(.subscriptions, sum(\.gauges.subscriptions))
        text.write(.channels, sum(\.gauges.channels))
        text.write(.eventsIn, total.eventsIn)
        text.begin(.eventsDropped)
        text.sample(.eventsDropped, ["reason": "invalid"], total.eventsInvalid)
        text.sample(.eventsDropped, ["reason": "forged"], total.eventsForged)
        text.sample(.eventsDropped, ["reason": "after_end"], total.eventsAfterEnd)
        text.write(.deliveries, sum(\.hub.deliveries))
        text.write(.conflated, sum(\.hub.conflated))
        text.write(.latency, total.deliveryMilliseconds, buckets: 0..<15, dividedBy: 1_000)
        text.write(.reads, total.channelReads)
        text.write(.behind, total.positionsBehind)
        text.write(.unacknowledged, clients.acknowledgementsDropped)
        text.write(.bytesIn, clients.bytesIn)
        text.write(.bytesOut, clients.bytesOut)
        text.write(.flushes, clients.flushBytes, buckets: 6..<22, dividedBy: 1)
    }

    private mutating func writeRedis(_ total: RedisCounters) {
        text.begin(.redisUp)
        text.sample(.redisUp, ["connection": "commands"], readings.count { $0.gauges.commandsUp })
        text.sample(.redisUp, ["connection": "pubsub"], readings.count { $0.gauges.pubsubUp })
        for (metric, counts) in [(Metric.redisConnects, total.redisConnects), (.redisLosses, total.redisLosses)] {
            text.begin(metric)
            text.sample(metric, ["connection": "commands"], counts.commands)
            text.sample(metric, ["connection": "pubsub"], counts.pubsub)
        }
        writeAbsentShards()
        text.write(.redisPending, sum(\.gauges.pending))
        text.write(.redisLatency, total.commandMicroseconds, buckets: 5..<23, dividedBy: 1_000_000)
        text.write(.probesFailing, node.failingProbes)
    }

    /// The sum of the samples is the number. The first has no name, so that the metric is there while nothing is away.
    private mutating func writeAbsentShards() {
        text.begin(.redisShardsAway)
        text.sample(.redisShardsAway, ["shard": ""], 0)
        for shard in Set(readings.flatMap(\.gauges.absentShards)).sorted() {
            text.sample(.redisShardsAway, ["shard": shard], 1)
        }
    }

    private mutating func writeThirdParties(_ total: AskingCounters) {
        text.write(.upstreamRequests, total.upstreamRequests)
        text.write(.upstreamFailures, total.upstreamFailures)
        text.write(.upstreamRefused, total.upstreamRefused)
    }

    /// Every loop hears the same numbers of the cluster. The page shows the highest, which is the newest that any loop
    /// has heard, or nearly.
    private mutating func writePresence(_ total: OnlineCounters) {
        text.write(.usersOnline, readings.map(\.gauges.usersOnline).max() ?? 0)
        text.write(.clusterConnections, readings.map(\.gauges.clusterConnections).max() ?? 0)
        text.write(.leasesLost, total.leasesLost)
        text.write(.registered, readings.count { $0.gauges.isRegistered })
    }

    /// The sum of one number of every loop.
    private func sum<Number: BinaryInteger>(_ number: KeyPath<LoopReading, Number>) -> Number {
        readings.reduce(0) { $0 + $1[keyPath: number] }
    }
}
