import Access
import HTTP
import JSON
import RESP
import Redis

/// `/api/v1/nodes`: every node of the cluster, by its loops' leases.
enum NodeRoutes {
    private struct Entry {
        let id: String
        let version: String
        var loops = 0
        var connections: Int64 = 0
        var lastBeat: Int64 = 0
    }

    /// `GET`
    static func list(
        _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        try Caller.identify(request, core: core).require("admin")
        let reply = try await PresenceRoutes.ask(PresenceScripts.nodes, [], core: core)
        guard case .array(let fields) = reply, let now = fields.first?.integer else { throw PresenceRoutes.unexpected }
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("nodes")
        writer.beginArray()
        for entry in grouped(fields.dropFirst()) { write(entry, now: now, to: &writer) }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
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
