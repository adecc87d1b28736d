/// A server's figures while its viewers waited for a number of events.
struct Phase {
    let deliveries: Int
    let bytes: Int
    /// Deliveries out of order or missing.
    let disorder: Int
    /// From the first byte to the last delivery, as measured by the viewers.
    let nanoseconds: UInt64
    /// Nanoseconds of processor time of the server.
    let processorTime: UInt64
    /// The share of the server's own code rather than the kernel's, 0 to 1.
    let ownShare: Double

    /// Processor time per delivery, us.
    var microseconds: Double { Double(processorTime) / Double(max(1, deliveries)) / 1000 }
    /// The part of the server's own code, us.
    var ownMicroseconds: Double { microseconds * ownShare }
    var perSecond: Double { Double(deliveries) / (Double(nanoseconds) / 1e9) }
}

/// A process's processor times since its start.
struct ProcessorTimes {
    /// Nanoseconds, of all its threads.
    let total: UInt64
    /// Clock ticks in its own code and in the kernel: sampled, so a share is accurate only over seconds.
    let userTicks: Int
    let systemTicks: Int

    func ownShare(since before: ProcessorTimes) -> Double {
        let user = userTicks - before.userTicks
        let all = user + systemTicks - before.systemTicks
        return all > 0 ? Double(user) / Double(all) : 0
    }
}

extension Array where Element == Double {
    /// The middle one, or the mean of the two in the middle; 0 of none.
    var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}
