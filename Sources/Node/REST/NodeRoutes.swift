import Access
import HTTP
import JSON
import RESP
import Redis
import Store

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
        let keys = core.presence.keys
        let found = try await PresenceRoutes.ask(ListLoopsScript(keys: keys), core: core)
        let about = try await PresenceRoutes.ask(
            DescribeLoopsScript(found.loops.map(\.incarnation), keys: keys), core: core)
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("nodes")
        writer.beginArray()
        for entry in grouped(found.loops, about) { write(entry, now: found.milliseconds, to: &writer) }
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes)
    }

    /// The loops of each node together.
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
