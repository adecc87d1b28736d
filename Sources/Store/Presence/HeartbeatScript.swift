package import RESP

/// Renews a loop's lease.
package struct HeartbeatScript: ScriptRequest {
    package static let script = RedisScript("presence-heartbeat", file: "HeartbeatScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// How the loop stands in Redis.
    package enum Reply: Sendable, Equatable {
        /// It is not registered: it was reaped, or the data is lost.
        case unregistered
        /// It is registered; the counts are those of the whole cluster.
        case registered(ClusterCounts)
    }

    /// The counts of the whole cluster.
    package struct ClusterCounts: Sendable, Equatable {
        /// Whether Redis has the counts that the loop believes.
        package let isAsBelieved: Bool
        /// Users online.
        package let online: Int
        /// Users announced online and not yet offline.
        package let announced: Int
        /// The number of the last announcement.
        package let version: Int64
        /// WebSockets of all nodes.
        package let connections: Int
        /// Users ever that came or went without an announcement.
        package let unannounced: Int64
    }

    /// The loop believes that Redis counts so many users and connections of it.
    package init(_ incarnation: String, users: Int, connections: Int, leaseMilliseconds: Int, keys: PresenceKeys) {
        self.keys = keys.shared + [keys.users(of: incarnation)]
        arguments = [[UInt8]](words: [incarnation, "\(users)", "\(connections)", "\(leaseMilliseconds)"])
    }

    package func reply(_ value: RedisValue) -> Reply? {
        guard let fields = value.integers else { return nil }
        if fields == [0] { return .unregistered }
        guard fields.count == 6 else { return nil }
        return .registered(
            ClusterCounts(
                isAsBelieved: fields[0] == 1, online: Int(fields[1]), announced: Int(fields[2]), version: fields[3],
                connections: Int(fields[4]), unannounced: fields[5]))
    }
}
