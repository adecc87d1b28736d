import Dialects
import Events
import Hub
import Telemetry

/// Gives a channel's messages to all of its members.
final class Broadcaster {
    private let hub: Hub
    private let frames: FrameWriter
    private let tally: FollowingTally

    init(hub: Hub, frames: FrameWriter, tally: FollowingTally) {
        self.hub = hub
        self.frames = frames
        self.tally = tally
    }

    /// Gives a delivery to every member.
    func tell(_ delivery: Delivery, on channel: Channel) {
        let publishedAt = delivery.position != nil && !delivery.isSnapshot ? delivery.timestamp : nil
        var frames = self.frames.frames(of: .delivery(delivery))
        // Redis' clock may be ahead of this node's.
        if let publishedAt { tally.counters.deliveryMilliseconds.record(UInt64(max(0, frames.now - publishedAt))) }
        hub.fanOut(on: channel, conflatable: delivery.isConflatable) { frames.frames(in: $0) }
    }

    /// Tells every member that it missed so many events, the last of them at the position.
    func tellMissed(_ count: UInt64, _ position: Position, on channel: Channel) {
        var frames = self.frames.frames(of: .missed(channel.name, count: count, position: position))
        hub.fanOut(on: channel, conflatable: false) { frames.frames(in: $0) }
    }

    /// Sessions of a dialect that acknowledges send the message again until the client has acknowledged it.
    func expectAcknowledgements(of delivery: Delivery, on channel: Channel) {
        for subscriber in channel.acknowledgingSubscribers { subscriber.owner.expectAcknowledgement(of: delivery) }
    }

    /// Writes the outboxes now.
    func flush() { hub.flush() }
}
