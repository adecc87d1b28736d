import RESP
import Redis

/// The writes that Redis may not have yet, and their time: usually at once, after a pause where Redis refused the last.
///
/// Only names are kept: the caller writes the value of that moment, so many changes in a pause are one write.
struct DueWrites<Key: Hashable> {
    /// The bounds of the pause: the first retry is soon, and retries are rare while Redis refuses for hours.
    private static var pauseMilliseconds: ClosedRange<UInt64> { 50...5_000 }

    private(set) var keys: Set<Key> = []
    private var backoff = Backoff(least: pauseMilliseconds.lowerBound, most: pauseMilliseconds.upperBound)
    private var pauseEnd: UInt64 = 0

    var isEmpty: Bool { keys.isEmpty }

    /// Milliseconds until the next write.
    func pause(at now: UInt64) -> UInt64 { pauseEnd > now ? pauseEnd - now : 0 }

    mutating func insert(_ key: Key) { keys.insert(key) }
    mutating func insert(_ more: some Sequence<Key>) { keys.formUnion(more) }
    mutating func remove(_ key: Key) { keys.remove(key) }

    /// The keys to write now, at most so many; none during a pause.
    mutating func take(atMost most: Int = .max, at now: UInt64) -> [Key] {
        guard pause(at: now) == 0 else { return [] }
        let taken = Array(keys.prefix(most))
        keys.subtract(taken)
        return taken
    }

    /// Redis did not take these: they are written again after a pause. Other writes under way share that pause.
    mutating func didFail(_ failed: some Sequence<Key>, at now: UInt64, using random: inout some RandomNumberGenerator)
    {
        keys.formUnion(failed)
        guard pause(at: now) == 0 else { return }
        pauseEnd = now + backoff.next(using: &random)
    }

    /// Redis takes writes: the next failure begins with a short pause again.
    mutating func didSucceed() { backoff.reset() }
}
