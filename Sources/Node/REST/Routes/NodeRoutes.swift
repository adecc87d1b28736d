import HTTP
import JSON
import RESP
import Telemetry

/// What operators look at: whether the node lives and is ready, its metrics, and every node of the cluster.
struct NodeRoutes {
    let node: any NodeSurvey
    let presence: PresenceQueries

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

    /// 503 with the reason where the node should get no clients.
    nonisolated(nonsending) private func ready(_ request: Request) async -> Response {
        guard let reason = await node.unreadiness() else { return .json(Array(#"{"status":"ready"}"#.utf8)) }
        return .json(
            Array(#"{"status":"unready","reason":"\#(reason.rawValue)"}"#.utf8), status: 503,
            headers: ["Retry-After": "1"])
    }

    nonisolated(nonsending) private func metrics(_ request: Request) async -> Response {
        Response(status: 200, headers: ["Content-Type": MetricsPage.contentType], body: await node.metrics())
    }

    /// Every node of the cluster, by its loops' leases.
    nonisolated(nonsending) private func nodes(_ call: Call) async throws(Refusal) -> Response {
        let reply = try await presence.run(PresenceScripts.nodes)
        guard case .array(let fields) = reply, let now = fields.first?.integer else {
            throw PresenceQueries.unexpected
        }
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("nodes")
        writer.beginArray()
        for entry in Self.grouped(fields.dropFirst()) { Self.write(entry, now: now, to: &writer) }
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

    /// Six fields a loop: incarnation, last heartbeat, node, loop, version, connections.
    private static func grouped(_ fields: ArraySlice<RedisValue>) -> [Entry] {
        var nodes: [String: Entry] = [:]
        for place in stride(from: fields.startIndex, to: fields.endIndex - 5, by: 6) {
            guard let beat = fields[place + 1].score, let id = fields[place + 2].string else {
                continue
            }
            var entry = nodes[id] ?? Entry(id: id, version: fields[place + 4].string ?? "")
            entry.loops += 1
            entry.connections = [entry.connections, fields[place + 5].integer ?? 0].clampedSum
            entry.lastBeat = max(entry.lastBeat, beat)
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
