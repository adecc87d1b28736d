/// The answer of ``ReadScript``.
public struct ChannelAnswer: Sendable, Equatable {
    /// The channel's position; nil when nothing was ever published.
    public var top: Position?
    /// Whether no event between the reader's position and ``entries`` is lost.
    public var recovered = false
    /// Whether the state was published in an epoch before this one.
    public var stateIsOlder = false
    /// The last state-bearing event's JSON.
    public var state: [UInt8]?
    /// When the state was published, milliseconds since 1970.
    public var stateMilliseconds: Int64 = 0
    /// Whether the task has ended.
    public var hasEnded = false
    /// The last value of each field.
    public var known = TaskKnowledge.StoredFields()
    /// The task's owner.
    public var owner: String?
    /// The team whose members follow it.
    public var team: String?
    /// Envelopes after the reader's position, oldest first: all, or as many as the answer has room for.
    public var entries: [[UInt8]] = []

    /// The answer of a channel without events.
    public static let unpublished = ChannelAnswer()
}
