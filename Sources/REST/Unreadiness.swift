/// Why a node should get no clients now: the word that `/health/ready` answers with. What comes first is told first.
package enum Unreadiness: String, CaseIterable, Sendable {
    /// Not every loop has begun.
    case starting
    /// The node is stopping.
    case draining
    /// Redis does not let the node in, or is too old: only an operator can help.
    case redisRefused = "redis_refused"
    /// Redis takes no writes: it is full, a replica, cannot save, or has too few replicas.
    case redisRefusesWrites = "redis_refuses_writes"
    /// The node's user lacks a right in Redis that it needs to follow channels, to publish or to run its scripts.
    case redisRights = "redis_rights"
    /// A loop cannot send commands to Redis: it is away, or not ready yet.
    case redisCommands = "redis_commands"
    /// A loop cannot send commands to one of the masters of a cluster, or slots have no master: their tasks alone are out of reach.
    case redisShard = "redis_shard"
    /// A loop's pub/sub connection to Redis is away, or nothing has been heard on it yet.
    case redisPubsub = "redis_pubsub"
    /// Both connections stand, and what is published does not come back.
    case redisDelivery = "redis_delivery"
    /// Redis has not taken a loop's lease, or not yet again: who is connected would not be counted.
    case presence
}
