import HTTP
import Settings
import Synchronization
import Telemetry

/// `GET /metrics`
enum MetricsRoute {
    /// Asks every loop what it has counted.
    static func answer(core: LoopCore, isolation: isolated (any Actor)? = #isolation) async -> Response {
        let shared = core.shared
        let loops = shared.loops.withLock { $0 }
        var readings: [LoopReading] = []
        for loop in loops {
            if let reading = await loop.reading() { readings.append(reading) }
        }
        let unreadiness = await Health.unreadiness(shared)
        let node = NodeReading(
            log: shared.log, startedAt: shared.startedAt,
            unreadiness: Unreadiness.allCases.map { ($0.rawValue, $0 == unreadiness) }, loops: loops.count,
            connections: shared.clients.connections.load(ordering: .relaxed),
            connectionLimit: shared.limits.connections,
            failingProbes: shared.failingProbes.load(ordering: .relaxed))
        return Response(
            status: 200, headers: ["Content-Type": MetricsPage.contentType], body: MetricsPage.bytes(node, readings))
    }
}
