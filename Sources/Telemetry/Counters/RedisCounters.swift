/// One loop's counts of its two connections to Redis.
package struct RedisCounters: Counters {
    /// A number for each of the two connections.
    package struct Pair: Sendable {
        package var commands: UInt64 = 0
        package var pubsub: UInt64 = 0

        package init() {}

        mutating func add(_ other: Pair) {
            commands += other.commands
            pubsub += other.pubsub
        }
    }

    /// Connections made.
    package var redisConnects = Pair()
    /// Connections lost.
    package var redisLosses = Pair()
    /// Microseconds from commands to replies.
    package var commandMicroseconds = Log2Histogram()

    package init() {}

    package mutating func add(_ other: RedisCounters) {
        redisConnects.add(other.redisConnects)
        redisLosses.add(other.redisLosses)
        commandMicroseconds.add(other.commandMicroseconds)
    }
}
