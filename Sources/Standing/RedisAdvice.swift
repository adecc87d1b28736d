package import RESP
package import Store

/// Advice for operators about a Redis that works but may lose data.
package enum RedisAdvice {
    /// Warns where Redis may evict nodes' keys, by INFO's `memory`: states and histories have a time to live, so every
    /// policy but one evicts them.
    package static func eviction(_ info: RedisInfo) -> String? {
        guard let policy = info["maxmemory_policy"], policy != "noeviction" else { return nil }
        return "Redis evicts states and histories of tasks when its memory is full (maxmemory-policy \(policy)); "
            + "noeviction keeps them"
    }

    /// Warns where no replica can take over from a master, by INFO's `replication`.
    package static func replicas(_ info: RedisInfo) -> String? {
        guard info["connected_slaves"] == "0" else { return nil }
        return "the master has no replica: nobody takes its place when it fails"
    }

    /// Warns where systems on other databases of the same Redis hear this one: channels belong to no database. `info`
    /// is INFO's `keyspace`.
    package static func sharedChannels(_ info: RedisInfo, database: Int, naming: Naming) -> String? {
        let others = info.names.contains { $0.hasPrefix("db") && $0 != "db\(database)" }
        guard naming.channelPrefix.isEmpty, database != 0 || others else { return nil }
        return
            "all databases of a Redis share their channels: when another system uses this Redis too, give each system "
            + "its own "
            + "--channel-prefix and --key-prefix"
    }
}
