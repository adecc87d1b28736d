/// One loop's counts of its channels.
package struct FollowingCounters: Counters {
    /// Messages from Redis.
    package var eventsIn: UInt64 = 0
    /// Milliseconds from publishing to queueing, of numbered events.
    package var deliveryMilliseconds = Log2Histogram()
    /// Payloads on a channel that are not events: not JSON, not an object, or with fields of the wrong kind.
    package var eventsInvalid: UInt64 = 0
    /// Envelopes that Redis does not know.
    package var eventsForged: UInt64 = 0
    /// Plain events after the end of their task.
    package var eventsAfterEnd: UInt64 = 0
    /// Channels that were behind Redis, where no message had revealed it.
    package var positionsBehind: UInt64 = 0
    /// Reads of the state or history of a channel.
    package var channelReads: UInt64 = 0

    package init() {}

    package mutating func add(_ other: FollowingCounters) {
        eventsIn += other.eventsIn
        deliveryMilliseconds.add(other.deliveryMilliseconds)
        eventsInvalid += other.eventsInvalid
        eventsForged += other.eventsForged
        eventsAfterEnd += other.eventsAfterEnd
        positionsBehind += other.positionsBehind
        channelReads += other.channelReads
    }
}

/// The tally of the objects that follow channels.
package typealias FollowingTally = Tally<FollowingCounters>
