public import Events
import Dialects

/// The answer to a read of a channel's history, and what to do with it.
extension ChannelSync {
    /// The answer to a read.
    public struct Answer {
        /// The position after which the loop asked for everything; nil where it asked only for the channel's position.
        public let since: Position?
        /// The channel's position; nil where nothing was ever published, or Redis lost all of it.
        public let top: Position?
        /// The positions of the entries, oldest first; nil for an entry without one.
        public let entries: [Position?]

        /// `entries` are of the same order and number as those of the answer of Redis.
        public init(since: Position?, top: Position?, entries: [Position?] = []) {
            self.since = since
            self.top = top
            self.entries = entries
        }
    }

    /// What to tell next.
    public struct Step: Equatable, Sendable {
        /// Where the message is.
        public enum Item: Equatable, Sendable {
            /// The answer's entry of that index.
            case entry(Int)
            /// A message that waited.
            case waiting(Waiting)
        }

        /// The message to tell.
        public let item: Item
        /// How many numbers before it are lost.
        public let missed: UInt64

        init(_ item: Item, missed: UInt64 = 0) {
            self.item = item
            self.missed = missed
        }
    }

    /// What a read found, in the order in which to tell it.
    public struct Found: Equatable, Sendable {
        /// How it continues what was known.
        public enum Start: Equatable, Sendable {
            /// Nothing was published, or Redis lost all of it.
            case nothing
            /// Nobody has been told anything: only the position counts.
            case place
            /// It continues from the members' position.
            case goesOn
            /// It starts at the beginning of an epoch that the members do not know.
            case anew
        }

        /// How it starts.
        public let start: Start
        /// What to tell.
        public internal(set) var steps: [Step] = []
        /// How many numbers after the last step are lost.
        public internal(set) var missedAtEnd: UInt64 = 0
        /// The history holds more: tell this, then read the events after ``ChannelSync/position``.
        public internal(set) var isPart = false
        /// The state follows at the end, since an event that may have been part of it is lost.
        public internal(set) var endsWithState = false
        /// The messages that arrived meanwhile.
        public internal(set) var waiting: [Waiting] = []

        init(start: Start) { self.start = start }
    }

    /// The gap that viewers are still to be told of.
    public struct Owed: Equatable, Sendable {
        /// How many numbers before the next message are lost.
        public var missed: UInt64 = 0
        /// The state, after all events that are left: an event that may have been part of it is lost.
        public var state = false

        /// Nothing.
        public init() {}

        /// Adds lost numbers.
        public mutating func add(_ missed: UInt64) {
            let (sum, isTooLarge) = self.missed.addingReportingOverflow(missed)
            self.missed = isTooLarge ? .max : sum
        }
    }
}
