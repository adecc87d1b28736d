public import Events
import Dialects

/// What a read of a channel's history is answered, and what is to be done with it.
extension ChannelSync {
    /// What a read was answered.
    public struct Answer {
        /// What was asked for: all that came after this; nil where only the channel's place was.
        public let since: Position?
        /// Where the channel stands; nil where nothing was ever published, or all of it is lost.
        public let top: Position?
        /// The places of the entries, oldest first; nil for what has none.
        public let entries: [Position?]

        /// An answer.
        public init(since: Position?, top: Position?, entries: [Position?] = []) {
            self.since = since
            self.top = top
            self.entries = entries
        }
    }

    /// What is to be told next.
    public struct Step: Equatable, Sendable {
        /// Where it is.
        public enum Item: Equatable, Sendable {
            /// That one of the answer's entries.
            case entry(Int)
            /// A message that waited.
            case waiting(Waiting)
        }

        /// What is to be told.
        public let item: Item
        /// How many numbers before it cannot be.
        public let missed: UInt64

        init(_ item: Item, missed: UInt64 = 0) {
            self.item = item
            self.missed = missed
        }
    }

    /// What a read has found, and what to do with it, in this order.
    public struct Found: Equatable, Sendable {
        /// How it goes on from what was known.
        public enum Start: Equatable, Sendable {
            /// Nothing was published, or nothing of it is left.
            case nothing
            /// Nobody has been told anything: only the place counts.
            case place
            /// From where the members stand.
            case goesOn
            /// From the beginning of an epoch that they do not know.
            case anew
        }

        /// How it begins.
        public let start: Start
        /// What to tell.
        public internal(set) var steps: [Step] = []
        /// How many numbers behind that cannot be told.
        public internal(set) var missedAtEnd: UInt64 = 0
        /// The history holds more: tell this, then read what came since ``ChannelSync/position``.
        public internal(set) var isPart = false
        /// The state is told at the end, since something that may have been part of it was not.
        public internal(set) var endsWithState = false
        /// What came meanwhile.
        public internal(set) var waiting: [Waiting] = []

        init(start: Start) { self.start = start }
    }

    /// What viewers are still to be told of what they have missed.
    public struct Owed: Equatable, Sendable {
        /// So many numbers before the next message cannot be told.
        public var missed: UInt64 = 0
        /// The state, once they are told all that can be: something that may have been part of it is gone.
        public var state = false

        /// Nothing.
        public init() {}

        /// Adds numbers that cannot be told.
        public mutating func add(_ missed: UInt64) {
            let (sum, isTooLarge) = self.missed.addingReportingOverflow(missed)
            self.missed = isTooLarge ? .max : sum
        }
    }
}
