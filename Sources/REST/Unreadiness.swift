/// Why clients should not use a node now: the word in the answer of `/health/ready`. The first reason wins.
package enum Unreadiness: String, CaseIterable, Sendable {
    /// A loop has not started yet.
    case starting
    /// The node is stopping.
    case draining
    /// Redis refuses the node's login, or is too old: only an operator can help.
    case redisRefused = "redis_refused"
    /// Redis takes no writes: it is full, a replica, cannot save, or has too few replicas.
    case redisRefusesWrites = "redis_refuses_writes"
    /// The node's user lacks a right in Redis that it needs to follow channels, to publish or to run its scripts.
    case redisRights = "redis_rights"
    /// A loop cannot send commands: Redis is away, or not ready yet.
    case redisCommands = "redis_commands"
    /// A loop cannot send commands to one of the masters of a cluster, or slots have no master: their tasks alone are out of reach.
    case redisShard = "redis_shard"
    /// A loop's pub/sub connection to Redis is away, or no message has arrived over it yet.
    case redisPubsub = "redis_pubsub"
    /// Both connections are open, but published messages do not come back.
    case redisDelivery = "redis_delivery"
    /// Redis has not granted a loop's lease (again): its connections would not be counted.
    case presence
}
