import Threads

/// The number of a node's loops with trouble of each kind, so that the node logs it once.
package final class TroubledLoops: Sendable {
    private let counts = Locked<[RedisStanding.Trouble.Kind: Int]>([:])

    /// No loop with trouble.
    package init() {}

    /// One more loop has the trouble; returns whether it is the first.
    func begin(_ kind: RedisStanding.Trouble.Kind) -> Bool {
        counts.withLock { counts in
            counts[kind, default: 0] += 1
            return counts[kind] == 1
        }
    }

    /// One loop less has it; returns whether it was the last.
    func end(_ kind: RedisStanding.Trouble.Kind) -> Bool {
        counts.withLock { counts in
            counts[kind, default: 1] -= 1
            return counts[kind] == 0
        }
    }
}
