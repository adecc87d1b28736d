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

    /// The sequence that a text says: decimal digits and nothing else, of no more than 64 bits.
    public static func sequence(_ text: some StringProtocol) -> UInt64? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
}

extension Position {
    /// Stands for the epoch that is current, whichever that is: what a person asks for. No epoch is spelled like it.
    public static let anyEpoch = "*"
}
