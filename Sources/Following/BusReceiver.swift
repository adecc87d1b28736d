import Events
import Hub
package import Redis
package import RESP
import Telemetry

/// Receives from Redis: finds the channel of each message, and has the channel decide.
package final class BusReceiver {
    private let hub: Hub
    private let audience: Audience
    private let channels: ChannelDriver
    private let personal: PersonalMessages
    private let ownChannels: LoopChannels
    private let tally: FollowingTally
    private let log: Log
    /// Messages of a thousand that the loop drops, so that tests see the repair.
    private let droppedPerThousand: Double

    init(
        hub: Hub, audience: Audience, channels: ChannelDriver, personal: PersonalMessages, ownChannels: LoopChannels,
        tally: FollowingTally, log: Log, droppedPerThousand: Double
    ) {
        self.hub = hub
        self.audience = audience
        self.channels = channels
        self.personal = personal
        self.ownChannels = ownChannels
        self.tally = tally
        self.log = log
        self.droppedPerThousand = droppedPerThousand
    }

    private var isDropping: Bool { droppedPerThousand > 0 && Double.random(in: 0..<1000) < droppedPerThousand }
}

extension BusReceiver: MessageHandler {
    package func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        guard !isDropping else { return }
        guard let channel = hub.channel(channel) else { return ownChannels.receive(payload, on: channel) }
        tally.counters.eventsIn += 1
        if channel.name.isPersonal {
            personal.receive(payload, on: channel) { [audience] in audience.isAsking($0, about: $1) }
        } else {
            let effects = channel.state.receive(payload, at: WallClock.now, using: channels.resources)
            channels.perform(effects, on: channel)
        }
    }

    package func busDidFeed() { hub.flush() }
}

extension BusReceiver: BusHandler {
    package func busDidSubscribe(_ name: String) {
        guard let channel = hub.channel(name) else { return ownChannels.didSubscribe(name) }
        channels.perform(channel.state.didSubscribe(hasMembers: channel.memberCount > 0), on: channel)
    }

    package func busDidRefuse(_ name: String, _ error: RedisReplyError) {
        log.error("Redis refuses a channel", ["channel": .text(name), "reason": .text("\(error)")])
        guard let channel = hub.channel(name) else { return }
        channels.perform(channel.state.didRefuse(hasMembers: channel.memberCount > 0), on: channel)
    }

    package func busDidLose(_ lost: LostChannels) {
        switch lost {
        case .all: for channel in hub.channels { lose(channel) }
        case .some(let names): for name in names { if let channel = hub.channel(name) { lose(channel) } }
        }
        ownChannels.didLose(lost)
    }

    private func lose(_ channel: Channel) {
        let effects = channel.state.didDisconnect(at: WallClock.now, using: channels.resources)
        channels.perform(effects, on: channel)
    }

    package func busDidCheck(_ name: String) {
        guard let channel = hub.channel(name) else { return }
        channels.perform(channel.state.didCheck(), on: channel)
    }
}
