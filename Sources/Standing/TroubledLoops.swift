import Threads

/// How many loops of a node have found trouble of each kind, so that the node says it once.
package final class TroubledLoops: Sendable {
    private let counts = Locked<[RedisStanding.Trouble.Kind: Int]>([:])

    /// None has found any.
    package init() {}

    /// One more loop has found it; answers whether it is the first.
    func begin(_ kind: RedisStanding.Trouble.Kind) -> Bool {
        counts.withLock { counts in
            counts[kind, default: 0] += 1
            return counts[kind] == 1
        }
    }

    /// One loop less has it; answers whether it was the last.
    func end(_ kind: RedisStanding.Trouble.Kind) -> Bool {
        counts.withLock { counts in
            counts[kind, default: 1] -= 1
            return counts[kind] == 0
        }
    }
}
