/// What one loop has counted of presence.
package struct OnlineCounters: Counters {
    /// Leases that were lost: Redis had to count the loop anew.
    package var leasesLost: UInt64 = 0

    package init() {}

    package mutating func add(_ other: OnlineCounters) { leasesLost += other.leasesLost }
}
