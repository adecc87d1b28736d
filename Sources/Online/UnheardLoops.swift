/// Finds the late loops that no server hears: whose process is dead, since the kernel closes the sockets of a killed process
/// at once. A loop that is only slow keeps its subscription, and gets the rest of its lease.
struct UnheardLoops {
    private let late: [String]
    private var awaited: Int
    private var isUnknown = false
    private var heard: Set<String> = []

    /// Waits for the answers of so many servers, each about these loops.
    init(_ late: [String], servers: Int) {
        self.late = late
        awaited = servers
    }

    /// Adds the numbers of subscribers that one server has, in the order of the loops; nil where it did not answer.
    /// Returns the loops that are dead, after the last answer: none where a server did not answer, as it may have them.
    mutating func add(_ counts: [Int64]?) -> [String]? {
        awaited -= 1
        if let counts, counts.count == late.count {
            for (name, count) in zip(late, counts) where count != 0 { heard.insert(name) }
        } else {
            isUnknown = true
        }
        guard awaited == 0 else { return nil }
        return isUnknown ? [] : late.filter { !heard.contains($0) }
    }
}
