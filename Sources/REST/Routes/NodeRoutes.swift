import HTTP
import JSON
import Redis
import Store
import Telemetry

/// Pages for operators: whether the node lives and is ready, its metrics, and the cluster's nodes.
struct NodeRoutes {
    let node: any NodeSurvey
    let presence: PresenceReader

    var routes: [Route] {
        [
            Route(.get, "/health/live", port: .operators, whileStopping: true, open: live),
            Route(.get, "/health/ready", port: .operators, whileStopping: true, open: ready),
            Route(.get, "/metrics", port: .operators, whileStopping: true, open: metrics),
            Route(.get, "/api/v1/nodes", .admin, port: .operators, nodes),
        ]
    }

    nonisolated(nonsending) private func live(_ request: Request) async -> Response {
        .json(Array(#"{"status":"live"}"#.utf8))
    }

    /// 503 with the reason where clients should not use the node.
    nonisolated(nonsending) private func ready(_ request: Request) async -> Response {
        let condition = await node.condition()
        guard let reason = condition.unreadiness else { return .json(Array(#"{"status":"ready"}"#.utf8)) }
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.key("status")
        writer.string("unready")
        writer.key("reason")
        writer.string(reason.rawValue)
        if reason == .redisShard {
            writer.key("shards")
            writer.beginArray()
            for shard in condition.absentShards { writer.string(shard) }
            writer.endArray()
        }
        writer.endObject()
        return .json(writer.bytes, status: 503, headers: ["Retry-After": "1"])
    }

    nonisolated(nonsending) private func metrics(_ request: Request) async -> Response {
        Response(status: 200, headers: ["Content-Type": MetricsPage.contentType], body: await node.metrics())
    }

    /// Every node of the cluster, by its loops' leases.
    nonisolated(nonsending) private func nodes(_ call: Call) async throws(Refusal) -> Response {
        let (found, about) = try await presence.loops()
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("nodes")
        writer.beginArray()
        for entry in Self.grouped(found.loops, about) { Self.write(entry, now: found.milliseconds, to: &writer) }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
    }

    private struct Entry {
        let id: String
        let version: String
        var loops = 0
        var connections: Int64 = 0
        var lastBeat: Int64 = 0
    }

    /// Groups loops by node.
    private static func grouped(_ loops: [ListLoopsScript.Loop], _ about: [DescribeLoopsScript.Loop?]) -> [Entry] {
        var nodes: [String: Entry] = [:]
        for (loop, about) in zip(loops, about) {
            let id = about?.node ?? ""
            var entry = nodes[id] ?? Entry(id: id, version: about?.version ?? "")
            entry.loops += 1
            entry.connections = [entry.connections, loop.connections].clampedSum
            entry.lastBeat = max(entry.lastBeat, loop.lastBeat)
            nodes[id] = entry
        }
        return nodes.values.sorted { $0.id < $1.id }
    }

    private static func write(_ entry: Entry, now: Int64, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(entry.id)
        writer.key("loops")
        writer.integer(entry.loops)
        writer.key("connections")
        writer.integer(entry.connections)
        writer.key("version")
        writer.string(entry.version)
        writer.key("last_heartbeat_seconds")
        writer.double(Double(max(0, now - entry.lastBeat)) / 1000)
        writer.endObject()
    }
}
