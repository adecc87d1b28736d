/// One loop's counts of presence.
package struct OnlineCounters: Counters {
    /// Lost leases: Redis had to count the loop anew.
    package var leasesLost: UInt64 = 0

    package init() {}

    package mutating func add(_ other: OnlineCounters) { leasesLost += other.leasesLost }
}
