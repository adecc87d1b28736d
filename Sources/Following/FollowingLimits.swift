package import Hub

/// Bounds of following channels.
package struct FollowingLimits {
    /// Milliseconds a channel that nobody watches stays subscribed: a page reload comes back sooner.
    package var lingerMilliseconds: UInt64 = 2_000
    /// Bytes of recent messages that one loop keeps for viewers that come back.
    package var recentBytes = 64 << 20
    /// Bytes of a history that are read, and told, at a time: together with what may wait for a viewer before, well below
    /// what may wait for it at all.
    package var replayBytes = 256 * 1024
    /// Milliseconds after which viewers are told that events are missing by a message of its own. The next event says it, too.
    package var missedMilliseconds: UInt64 = 1_000
    /// Milliseconds that an answer waits for an event that Redis has told already, and this loop has not heard.
    package var answerMilliseconds: UInt64 = 1_000
    /// Milliseconds between two repair reads of one channel.
    package var repairMilliseconds: UInt64 = 100
    /// Bytes of messages that waited for a read. Where they are more, viewers that are behind are not told them at once.
    package var setAsideBytes = OutboxLimits().softBytes
    /// Bytes of one event as published: what one message may carry.
    package var eventBytes = 64 * 1024
    /// Nesting of JSON from outside. Deeper is nobody's progress.
    package var jsonDepth = 64
    /// Tasks whose changes one connection is told, since it has asked about them.
    package var askedPerConnection = 100
    /// Milliseconds between two probes of whether Redis delivers what is published.
    package var probeMilliseconds = 5_000
    /// Milliseconds between two looks at whether a channel is behind Redis.
    package var positionCheckMilliseconds = 25_000
    /// Of a thousand messages so many are thrown away, so that tests see them repaired.
    package var droppedPerThousand = 0.0

    /// The defaults.
    package init() {}
}

extension ChannelResources {
    /// What the channels of a loop share, within the bounds of following.
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
