/// What the channels of one loop have counted.
package struct FollowingCounters: Counters {
    /// Messages that came from Redis.
    package var eventsIn: UInt64 = 0
    /// Milliseconds from publishing to queueing, of numbered events.
    package var deliveryMilliseconds = Log2Histogram()
    /// Payloads on a channel that are no events: not JSON, no object, or fields of the wrong kind.
    package var eventsInvalid: UInt64 = 0
    /// Envelopes that Redis does not know of.
    package var eventsForged: UInt64 = 0
    /// Plain events after the end of their task.
    package var eventsAfterEnd: UInt64 = 0
    /// Channels that were found to be behind Redis without a sign.
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

/// Where the parts of one loop that follow channels count.
package typealias FollowingTally = Tally<FollowingCounters>
