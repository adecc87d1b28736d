/// A part of a channel's history, seen by one who stands before it: which of its entries come next, and which numbers between
/// them are gone.
///
/// A history is read in portions, oldest first. What it no longer keeps, or never kept, cannot be told to anybody; how much that
/// is can be.
public struct HistoryPortion: Equatable, Sendable {
    /// An entry to tell.
    public struct Step: Equatable, Sendable {
        /// Which of the entries.
        public let index: Int
        /// How many numbers between the one before and this one cannot be told.
        public let missed: UInt64
    }

    /// The entries to tell, in order.
    public private(set) var steps: [Step] = []
    /// The number up to which all is told or gone, with this portion.
    public private(set) var end: UInt64
    /// How many numbers behind the last step, up to ``end``, cannot be told.
    public private(set) var missedAtEnd: UInt64 = 0

    /// The portion whose entries have these `numbers`, for one who knows all up to `start` of a channel that stands at `top`.
    ///
    /// What is beyond `top` is not told. `isLast`: nothing follows what is here, so the rest up to `top` is gone too; so it is
    /// where nothing follows `start`, or something is beyond `top`.
    public init(after start: UInt64, upTo top: UInt64, numbers: some Sequence<UInt64>, isLast: Bool = false) {
        end = start
        var isLast = isLast
        for (index, number) in numbers.enumerated() where number > end {
            guard number <= top else {
                isLast = true
                break
            }
            steps.append(Step(index: index, missed: number - end - 1))
            end = number
        }
        guard isLast || steps.isEmpty, end < top else { return }
        missedAtEnd = top - end
        end = top
    }

    /// Whether any number cannot be told.
    public var hasGap: Bool { missedAtEnd > 0 || steps.contains { $0.missed > 0 } }
}
