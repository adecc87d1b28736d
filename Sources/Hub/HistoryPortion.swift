/// A part of a channel's history after a reader's position: the entries that come next, and the numbers between them
/// that are lost.
///
/// A history is read in portions, oldest first. Viewers cannot get the events that it dropped or never kept, only their
/// number.
public struct HistoryPortion: Equatable, Sendable {
    /// An entry to tell.
    public struct Step: Equatable, Sendable {
        /// Which of the entries.
        public let index: Int
        /// How many numbers between the entry before and this one are lost.
        public let missed: UInt64
    }

    /// The entries to tell, in order.
    public private(set) var steps: [Step] = []
    /// The number up to which every event is told or lost, with this portion.
    public private(set) var end: UInt64
    /// How many numbers after the last step, up to ``end``, are lost.
    public private(set) var missedAtEnd: UInt64 = 0

    /// The portion with entries of these `numbers`, for a reader at `start` of a channel that stands at `top`.
    ///
    /// Entries beyond `top` are not told. `isLast`: nothing follows this portion, so the rest up to `top` is lost too.
    /// The same holds where nothing follows `start`, or an entry is beyond `top`.
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

    /// Whether any number is lost.
    public var hasGap: Bool { missedAtEnd > 0 || steps.contains { $0.missed > 0 } }
}
