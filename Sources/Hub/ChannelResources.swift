/// What the channels of one loop share.
public final class ChannelResources {
    /// Reads events.
    public let reader: EventReader
    let memory: RecentMemory
    /// The bounds by which the channels decide.
    public let limits: ChannelLimits

    /// Resources of these parts.
    public init(reader: EventReader, memory: RecentMemory, limits: ChannelLimits = ChannelLimits()) {
        self.reader = reader
        self.memory = memory
        self.limits = limits
    }
}

/// The bounds that channels decide by.
public struct ChannelLimits: Sendable {
    /// Milliseconds that a channel without viewers stays subscribed: a page reload comes back sooner.
    public var lingerMilliseconds: UInt64
    /// Milliseconds between two reads of one channel.
    public var repairMilliseconds: UInt64
    /// Milliseconds after which a separate message tells viewers that events are missing. The next event says it, too.
    public var missedMilliseconds: UInt64
    /// Bytes of messages that waited for a read. Above it, members that are behind are set aside.
    public var setAsideBytes: Int
    /// Bytes of a history that are read at a time. A viewer is sent at most twice as many at once.
    public var replayBytes: Int

    /// Bounds with the defaults of the design.
    public init(
        lingerMilliseconds: UInt64 = 2_000, repairMilliseconds: UInt64 = 100, missedMilliseconds: UInt64 = 1_000,
        setAsideBytes: Int = OutboxLimits().softBytes, replayBytes: Int = 256 * 1024
    ) {
        self.lingerMilliseconds = lingerMilliseconds
        self.repairMilliseconds = repairMilliseconds
        self.missedMilliseconds = missedMilliseconds
        self.setAsideBytes = setAsideBytes
        self.replayBytes = replayBytes
    }
}
