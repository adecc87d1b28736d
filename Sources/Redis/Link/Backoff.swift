import RESP

/// How long to wait before the next attempt to connect, or to repeat a refused write: 50 ms doubled up to 5 s, with
/// full jitter, so that the nodes of a restarted Redis reconnect at different times. It never gives up.
public struct Backoff: Sendable {
    private let least: UInt64
    private let most: UInt64
    private var ceiling: UInt64

    /// The shortest wait, and the longest wait of the doubling.
    public init(least: UInt64, most: UInt64) {
        precondition(least > 0 && least <= most, "Backoff: 0 < least <= most")
        self.least = least
        self.most = most
        ceiling = min(most, least * 2)
    }

    /// The next wait. At least `least`: full jitter may draw 0, and a refused connection would then spin.
    public mutating func next(using random: inout some RandomNumberGenerator) -> UInt64 {
        let wait = UInt64.random(in: least...ceiling, using: &random)
        ceiling = min(most, ceiling * 2)
        return wait
    }

    /// Returns to the shortest wait, only after Redis answered a PING or a write. The node must not ask a Redis that
    /// accepts and then hangs every 50 ms.
    public mutating func reset() { ceiling = min(most, least * 2) }
}
