/// What one loop has counted since it started. Plain integers: a loop writes only its own, and they are added up when
/// somebody asks.
struct LoopCounters: Sendable {
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0
    var eventsIn: UInt64 = 0
    /// Payloads on a channel that are no events: not JSON, no object, or fields of the wrong kind.
    var eventsInvalid: UInt64 = 0
    /// Envelopes that Redis does not know of.
    var eventsForged: UInt64 = 0
    /// Plain events after their task's end.
    var eventsAfterEnd: UInt64 = 0
    /// Messages of topics that were sent as often as may be and never acknowledged.
    var acknowledgementsDropped: UInt64 = 0
    /// Channels that were found to be behind Redis without a sign.
    var positionsBehind: UInt64 = 0
    /// Third parties asked how a task stands.
    var upstreamRequests: UInt64 = 0
    /// Those that gave no usable answer in time, or may not be asked.
    var upstreamFailures: UInt64 = 0
    /// Requests for a status answered from the store alone, since too many third parties were being asked.
    var upstreamRefused: UInt64 = 0
    /// Reads of a channel's state or history.
    var channelReads: UInt64 = 0
}
