import Connections
import REST
import TLS
import Settings
import Synchronization
import Telemetry

/// Answers REST's questions to the whole node.
extension NodeShared: NodeSurvey {
    var isStopping: Bool { clients.isDraining }

    nonisolated(nonsending) func condition() async -> NodeCondition {
        if isStopping { return .draining }
        var conditions: [LoopCondition?] = []
        for loop in everyLoop { conditions.append(await loop.condition()) }
        return NodeCondition(conditions)
    }

    nonisolated(nonsending) func metrics() async -> [UInt8] {
        var readings: [LoopReading] = []
        for loop in everyLoop {
            if let reading = await loop.reading() { readings.append(reading) }
        }
        let unreadiness = await condition().unreadiness
        let node = NodeReading(
            log: log, startedAt: startedAt,
            unreadiness: Unreadiness.allCases.map { ($0.rawValue, $0 == unreadiness) }, loops: everyLoop.count,
            connections: clients.connectionCount, connectionLimit: limits.connections,
            failingProbes: failingProbes.load(ordering: .relaxed), certificateExpiry: certificate?.expiry ?? 0)
        return MetricsPage.bytes(node, readings)
    }
}
