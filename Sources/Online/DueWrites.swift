import RESP
import Redis

/// What Redis may not have yet, and when it is to be written: at once as a rule, after a pause where the last was refused.
///
/// Only names are kept: whoever writes takes the value of that moment, so that many changes in a pause are one write.
struct DueWrites<Key: Hashable> {
    /// The bounds of the pause: Redis is asked soon, and not more often than is of use while it refuses for hours.
    private static var pauseMilliseconds: ClosedRange<UInt64> { 50...5_000 }

    private(set) var keys: Set<Key> = []
    private var backoff = Backoff(least: pauseMilliseconds.lowerBound, most: pauseMilliseconds.upperBound)
    private var pauseEnd: UInt64 = 0

    var isEmpty: Bool { keys.isEmpty }

    /// Milliseconds until something may be written.
    func pause(at now: UInt64) -> UInt64 { pauseEnd > now ? pauseEnd - now : 0 }

    mutating func insert(_ key: Key) { keys.insert(key) }
    mutating func insert(_ more: some Sequence<Key>) { keys.formUnion(more) }
    mutating func remove(_ key: Key) { keys.remove(key) }

    /// What is to be written now, at most so much; nothing during a pause.
    mutating func take(atMost most: Int = .max, at now: UInt64) -> [Key] {
        guard pause(at: now) == 0 else { return [] }
        let taken = Array(keys.prefix(most))
        keys.subtract(taken)
        return taken
    }

    /// Redis has not taken these: they are written again after a pause. What else was under way fails in the same one.
    mutating func didFail(_ failed: some Sequence<Key>, at now: UInt64, using random: inout some RandomNumberGenerator)
    {
        keys.formUnion(failed)
        guard pause(at: now) == 0 else { return }
        pauseEnd = now + backoff.next(using: &random)
    }

    /// Redis takes writes: the next failure begins with a short pause again.
    mutating func didSucceed() { backoff.reset() }
}
