public import Events
import Dialects

/// The recent events of all channels of a loop, within one bound.
///
/// What a channel keeps counts exactly as long as its ``Share`` lives: the sum cannot drift, whoever reads a channel that has
/// been given up meanwhile.
public final class RecentMemory {
    private let maxBytes: Int
    /// Bytes that all channels together keep.
    public private(set) var bytes = 0

    /// Nothing kept yet, and never more than `maxBytes` in all.
    public init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// A channel's part of it, empty.
    public func share() -> Share { Share(of: self) }

    /// What one channel keeps. Whoever lets go of it gives its bytes back.
    public final class Share {
        private let memory: RecentMemory
        private var events = RecentEvents()

        init(of memory: RecentMemory) { self.memory = memory }

        deinit { memory.bytes -= events.bytes }

        /// Keeps a message, where all channels together stay within the bound; else this one forgets what it had.
        public func note(_ position: Position, _ payload: UnsafeRawBufferPointer, _ knowledge: TaskKnowledge) {
            let before = events.bytes
            events.note(position, payload, knowledge)
            memory.bytes += events.bytes - before
            guard memory.bytes > memory.maxBytes else { return }
            memory.bytes -= events.bytes
            events = RecentEvents()
        }

        /// What came after `since`; nil where that is not known here.
        public func after(_ since: Position) -> ArraySlice<RecentEvents.Message>? { events.after(since) }
    }
}
