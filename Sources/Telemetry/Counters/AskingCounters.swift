/// One loop's counts of requests to third parties.
package struct AskingCounters: Counters {
    /// Requests to third parties about tasks.
    package var upstreamRequests: UInt64 = 0
    /// Requests to third parties without a usable answer in time, or to ones that the node may not ask.
    package var upstreamFailures: UInt64 = 0
    /// Status requests answered from the store alone, since too many third parties were being asked.
    package var upstreamRefused: UInt64 = 0

    package init() {}

    package mutating func add(_ other: AskingCounters) {
        upstreamRequests += other.upstreamRequests
        upstreamFailures += other.upstreamFailures
        upstreamRefused += other.upstreamRefused
    }
}
