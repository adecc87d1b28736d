package import Hub

/// The bounds for following channels.
package struct FollowingLimits {
    /// Milliseconds that a channel without viewers stays subscribed: a page reload comes back sooner.
    package var lingerMilliseconds: UInt64 = 2_000
    /// Bytes of recent messages that one loop keeps for viewers that come back.
    package var recentBytes = 64 << 20
    /// Bytes of a history that are read and sent at a time. Together with what the outbox held before, this stays well
    /// below the outbox's hard limit.
    package var replayBytes = 256 * 1024
    /// Milliseconds after which a separate message tells viewers that events are missing. The next event says it, too.
    package var missedMilliseconds: UInt64 = 1_000
    /// Milliseconds that an answer waits for an event that Redis has included and this loop has not heard.
    package var answerMilliseconds: UInt64 = 1_000
    /// Milliseconds between two repair reads of one channel.
    package var repairMilliseconds: UInt64 = 100
    /// Bytes of messages that waited for a read. Above it, viewers that are behind are set aside.
    package var setAsideBytes = OutboxLimits().softBytes
    /// Bytes of one published event.
    package var eventBytes = 64 * 1024
    /// Nesting of JSON from outside. No progress event needs more.
    package var jsonDepth = 64
    /// Tasks that one connection asked about and whose changes it is told.
    package var askedPerConnection = 100
    /// Milliseconds between two probes of whether Redis delivers published messages.
    package var probeMilliseconds = 5_000
    /// Milliseconds between two checks whether a channel is behind Redis.
    package var positionCheckMilliseconds = 25_000
    /// Messages of a thousand that the loop drops, so that tests see the repair.
    package var droppedPerThousand = 0.0

    package init() {}
}

extension ChannelResources {
    /// What a loop's channels share, within these bounds.
    package convenience init(_ limits: FollowingLimits) {
        self.init(
            reader: EventReader(maxBytes: limits.eventBytes, maxDepth: limits.jsonDepth),
            memory: RecentMemory(maxBytes: limits.recentBytes),
            limits: ChannelLimits(
                lingerMilliseconds: limits.lingerMilliseconds, repairMilliseconds: limits.repairMilliseconds,
                missedMilliseconds: limits.missedMilliseconds, setAsideBytes: limits.setAsideBytes,
                replayBytes: limits.replayBytes))
    }
}

extension StatusResponder.Limits {
    /// The bounds of questions among these.
    init(_ limits: FollowingLimits) {
        askedPerConnection = limits.askedPerConnection
        answerMilliseconds = limits.answerMilliseconds
    }
}
