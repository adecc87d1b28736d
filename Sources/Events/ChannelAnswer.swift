/// What ``ReadScript`` answers.
public struct ChannelAnswer: Sendable, Equatable {
    /// Where the channel stands; nil when nothing was ever published.
    public var top: Position?
    /// Whether nothing is missing between the reader's place and ``entries``.
    public var recovered = false
    /// Whether the state was published in an epoch before this one.
    public var stateIsOlder = false
    /// The last state-bearing event's JSON.
    public var state: [UInt8]?
    /// When that was published, milliseconds since 1970.
    public var stateMilliseconds: Int64 = 0
    /// Whether the task has ended.
    public var hasEnded = false
    /// What was said last of each field.
    public var known = TaskKnowledge.StoredFields()
    /// Whose task it is.
    public var owner: String?
    /// The team whose members follow it.
    public var team: String?
    /// Envelopes after the reader's position, oldest first: all that are kept, or as many as the answer has room for.
    public var entries: [[UInt8]] = []

    /// A channel that nothing was ever published to.
    public static let unpublished = ChannelAnswer()
}
