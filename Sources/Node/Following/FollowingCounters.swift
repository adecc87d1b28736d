/// What one loop has counted of the events that came from Redis, and of the channels it follows.
struct FollowingCounters: Sendable {
    /// Messages from Redis.
    var eventsIn: UInt64 = 0
    /// Milliseconds from publishing to queueing, of numbered events.
    var deliveryMilliseconds = Log2Histogram()
    /// Payloads on a channel that are no events: not JSON, no object, or fields of the wrong kind.
    var eventsInvalid: UInt64 = 0
    /// Envelopes that Redis does not know of.
    var eventsForged: UInt64 = 0
    /// Plain events after their task's end.
    var eventsAfterEnd: UInt64 = 0
    /// Channels that were found to be behind Redis without a sign.
    var positionsBehind: UInt64 = 0
    /// Reads of a channel's state or history.
    var channelReads: UInt64 = 0

    /// Adds what another loop has counted.
    mutating func add(_ other: FollowingCounters) {
        eventsIn += other.eventsIn
        deliveryMilliseconds.add(other.deliveryMilliseconds)
        eventsInvalid += other.eventsInvalid
        eventsForged += other.eventsForged
        eventsAfterEnd += other.eventsAfterEnd
        positionsBehind += other.positionsBehind
        channelReads += other.channelReads
    }
}

/// Where the parts of one loop count.
final class FollowingTally {
    var counters = FollowingCounters()
}
