/// A place in a channel's history: sequence numbers count from 1 within an epoch.
public struct Position: Equatable, Sendable {
    /// Which counting: base 36 of the Redis time it began at, in microseconds.
    public var epoch: String
    /// The number of the last event seen.
    public var sequence: UInt64

    /// The place after the event `sequence` of `epoch`.
    public init(epoch: String, sequence: UInt64) {
        self.epoch = epoch
        self.sequence = sequence
    }
}
