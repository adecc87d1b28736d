import Hub

/// Bounds of following channels.
struct FollowingLimits {
    /// Milliseconds a channel that nobody watches stays subscribed: a page reload comes back sooner.
    var lingerMilliseconds: UInt64 = 2_000
    /// Bytes of recent messages that one loop keeps for viewers that come back.
    var recentBytes = 64 << 20
    /// Bytes of a history that are read, and told, at a time: together with what may wait for a viewer before, well below
    /// what may wait for it at all.
    var replayBytes = 256 * 1024
    /// Milliseconds after which viewers are told that events are missing by a message of its own. The next event says it, too.
    var missedMilliseconds: UInt64 = 1_000
    /// Milliseconds that an answer waits for an event that Redis has told already, and this loop has not heard.
    var answerMilliseconds: UInt64 = 1_000
    /// Milliseconds between two repair reads of one channel.
    var repairMilliseconds: UInt64 = 100
    /// Bytes of messages that waited for a read. Where they are more, viewers that are behind are not told them at once.
    var setAsideBytes = OutboxLimits().softBytes
    /// Bytes of one event as published: what one message may carry.
    var eventBytes = 64 * 1024
    /// Nesting of JSON from outside. Deeper is nobody's progress.
    var jsonDepth = 64
    /// Tasks whose changes one connection is told, since it has asked about them.
    var askedPerConnection = 100
    /// Of a thousand messages so many are thrown away, so that tests see them repaired.
    var droppedPerThousand = 0.0
}
