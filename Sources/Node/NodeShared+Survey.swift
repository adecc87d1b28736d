import Connections
import REST
import Settings
import Synchronization
import Telemetry

/// Answers REST's questions to the whole node.
extension NodeShared: NodeSurvey {
    var isStopping: Bool { draining }

    nonisolated(nonsending) func unreadiness() async -> Unreadiness? {
        if draining { return .draining }
        var reasons: Set<Unreadiness> = []
        for loop in loops.withLock({ $0 }) {
            if let reason = await loop.unreadiness() { reasons.insert(reason) }
        }
        return Unreadiness.allCases.first(where: reasons.contains)
    }

    nonisolated(nonsending) func absentShards() async -> [String] {
        var shards: Set<String> = []
        for loop in loops.withLock({ $0 }) { shards.formUnion(await loop.absentShards()) }
        return shards.sorted()
    }

    nonisolated(nonsending) func metrics() async -> [UInt8] {
        let loops = loops.withLock { $0 }
        var readings: [LoopReading] = []
        for loop in loops {
            if let reading = await loop.reading() { readings.append(reading) }
        }
        let unreadiness = await unreadiness()
        let node = NodeReading(
            log: log, startedAt: startedAt,
            unreadiness: Unreadiness.allCases.map { ($0.rawValue, $0 == unreadiness) }, loops: loops.count,
            connections: clients.connectionCount, connectionLimit: limits.connections,
            failingProbes: failingProbes.load(ordering: .relaxed))
        return MetricsPage.bytes(node, readings)
    }
}
