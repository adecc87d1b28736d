package import RESP

/// Reads the loops that have a lease.
package struct ListLoopsScript: ScriptRequest {
    package static let script = RedisScript("presence-nodes", file: "ListLoopsScript")
    package let keys: [String]
    package let arguments: [[UInt8]] = []

    /// The loops of the cluster.
    package struct Loops: Sendable, Equatable {
        /// Redis' time.
        package let milliseconds: Int64
        /// Each loop.
        package let loops: [Loop]
    }

    /// One loop.
    package struct Loop: Sendable, Equatable {
        /// Its name since it took its lease.
        package let incarnation: String
        /// Its last heartbeat, Redis' time in ms.
        package let lastBeat: Int64
        /// The number of connections with a user.
        package let connections: Int64
    }

    /// Asks for all of them.
    package init(keys: PresenceKeys) { self.keys = ["nodes", "nc"].map(keys.key) }

    package func reply(_ value: RedisValue) -> Loops? {
        guard let fields = value.array, let now = fields.first?.integer else { return nil }
        let loops = stride(from: 1, to: fields.count - 2, by: 3).compactMap { place -> Loop? in
            guard let incarnation = fields[place].string, let beat = fields[place + 1].score else { return nil }
            return Loop(incarnation: incarnation, lastBeat: beat, connections: fields[place + 2].integer ?? 0)
        }
        return Loops(milliseconds: now, loops: loops)
    }
}
