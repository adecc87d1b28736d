/// A position in a channel's history: sequence numbers count from 1 within an epoch.
public struct Position: Equatable, Sendable {
    /// The epoch: base 36 of the Redis time at which it began, in microseconds.
    public var epoch: String
    /// The number of the last event seen.
    public var sequence: UInt64

    /// The position after the event `sequence` of `epoch`.
    public init(epoch: String, sequence: UInt64) {
        self.epoch = epoch
        self.sequence = sequence
    }

    /// The sequence in a text: only decimal digits, and at most 64 bits.
    public static func sequence(_ text: some StringProtocol) -> UInt64? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
}

extension Position {
    /// Stands for the current epoch, for readers that do not know it. No epoch is spelled like it.
    public static let anyEpoch = "*"
}
