/// What one loop has counted of third parties.
package struct AskingCounters: Counters {
    /// Third parties that were asked how a task stands.
    package var upstreamRequests: UInt64 = 0
    /// Third parties that gave no usable answer in time, or may not be asked.
    package var upstreamFailures: UInt64 = 0
    /// Requests for a status that were answered from the store alone: too many third parties were being asked.
    package var upstreamRefused: UInt64 = 0

    package init() {}

    package mutating func add(_ other: AskingCounters) {
        upstreamRequests += other.upstreamRequests
        upstreamFailures += other.upstreamFailures
        upstreamRefused += other.upstreamRefused
    }
}
