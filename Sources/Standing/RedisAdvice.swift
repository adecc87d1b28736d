package import RESP
package import Store

/// What an operator should know of a Redis that works and may yet disappoint.
package enum RedisAdvice {
    /// Where Redis may throw away what nodes keep in it, by what INFO says of `memory`: states and histories have a time to live,
    /// so any policy but one takes them.
    package static func eviction(_ info: RedisInfo) -> String? {
        guard let policy = info["maxmemory_policy"], policy != "noeviction" else { return nil }
        return "Redis throws away states and histories of tasks when it is full (maxmemory-policy \(policy)); "
            + "noeviction keeps them"
    }

    /// Where other systems on other databases of the same Redis hear this one: channels belong to no database. `info` is of
    /// `keyspace`.
    package static func sharedChannels(_ info: RedisInfo, database: Int, naming: Naming) -> String? {
        let others = info.names.contains { $0.hasPrefix("db") && $0 != "db\(database)" }
        guard naming.channelPrefix.isEmpty, database != 0 || others else { return nil }
        return "channels are the same in all databases of a Redis: where another system uses it too, give each its own "
            + "--channel-prefix and --key-prefix"
    }
}
