public import Events
import Dialects

/// The newest sequenced messages of a live channel: a viewer that comes back gets them from memory.
///
/// Contiguous: one epoch, no number missing. Bounded by number and by bytes; Redis has the older ones.
public struct RecentEvents {
    /// Messages kept of one channel: as many as Redis keeps by default.
    public static let maxCount = 64
    /// Bytes kept of one channel: a few seconds of a lively task.
    public static let maxBytes = 16 * 1024

    private var epoch = ""
    private var first: UInt64 = 0
    private var messages: [Message] = []
    /// Bytes kept.
    public private(set) var bytes = 0

    /// A message, with what was known of the channel at the time.
    public struct Message: Sendable {
        /// The payload from Redis, envelope included.
        public let payload: [UInt8]
        /// What viewers at the time were told.
        public let knowledge: TaskKnowledge

        /// A message with what was known.
        public init(payload: [UInt8], knowledge: TaskKnowledge) {
            self.payload = payload
            self.knowledge = knowledge
        }
    }

    /// No messages, nothing allocated.
    public init() {}

    /// Keeps a message; one that does not follow the last starts the list anew.
    public mutating func append(_ position: Position, _ payload: UnsafeRawBufferPointer, _ knowledge: TaskKnowledge) {
        if position.epoch != epoch || place(of: position.sequence) != UInt64(messages.count) {
            self = RecentEvents()
            epoch = position.epoch
            first = position.sequence
        }
        guard payload.count <= Self.maxBytes else {
            self = RecentEvents()
            return
        }
        messages.append(Message(payload: Array(payload), knowledge: knowledge))
        bytes += payload.count
        while messages.count > Self.maxCount || bytes > Self.maxBytes {
            bytes -= messages.removeFirst().payload.count
            first &+= 1
        }
    }

    /// The messages after `since`; nil where they are not kept here.
    public func after(_ since: Position) -> ArraySlice<Message>? {
        let next = place(of: since.sequence &+ 1)
        guard since.epoch == epoch, next <= UInt64(messages.count) else { return nil }
        return messages[Int(next)...]
    }

    /// The index of that number in ``messages``, or where it would be. Modulo 2^64: viewers and forged envelopes name
    /// any number, and a number before the first is then far after the last.
    private func place(of sequence: UInt64) -> UInt64 { sequence &- first }
}
