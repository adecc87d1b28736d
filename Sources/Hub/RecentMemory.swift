public import Events

/// The recent events of all channels of a loop, within one bound.
///
/// A channel's messages count exactly as long as its ``Share`` lives, so the sum cannot drift, even where a reader
/// still holds the share of a closed channel.
public final class RecentMemory {
    private let maxBytes: Int
    // Unchecked, as the share's events: every event changes both, and nothing else runs meanwhile.

    /// Bytes of all channels together.
    @exclusivity(unchecked)
    public private(set) var bytes = 0

    /// No messages yet, and never more than `maxBytes` in all.
    public init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// An empty share for one channel.
    public func share() -> Share { Share(of: self) }

    /// The messages of one channel. Their bytes are returned when the last reference to the share goes.
    public final class Share {
        private let memory: RecentMemory
        @exclusivity(unchecked)
        private var events = RecentEvents()

        init(of memory: RecentMemory) { self.memory = memory }

        deinit { memory.bytes -= events.bytes }

        /// Keeps a message where all channels together stay within the bound; else this channel forgets its messages.
        public func append(_ position: Position, _ payload: UnsafeRawBufferPointer, _ knowledge: TaskKnowledge) {
            let before = events.bytes
            events.append(position, payload, knowledge)
            memory.bytes += events.bytes - before
            guard memory.bytes > memory.maxBytes else { return }
            memory.bytes -= events.bytes
            events = RecentEvents()
        }

        /// The messages after `since`; nil where they are not kept here.
        public func after(_ since: Position) -> ArraySlice<RecentEvents.Message>? { events.after(since) }
    }
}
