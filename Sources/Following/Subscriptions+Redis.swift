import Store
import Dialects
package import Events
import Hub
package import RESP
package import Redis
import Telemetry

/// Receives from Redis.
extension Subscriptions: BusHandler {
    package func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        guard !isDropping else { return }
        // The last viewer may have left while the message was on its way.
        guard let channel = hub.channel(channel) else { return hear(payload, onControl: channel) }
        tally.counters.eventsIn += 1
        if channel.name.isPersonal {
            personal.receive(payload, on: channel) { isAsking($0, about: $1) }
        } else {
            perform(channel.state.receive(payload, at: WallClock.now, using: resources), on: channel)
        }
    }

    /// Whether to drop a message, so that tests see the repair.
    private var isDropping: Bool {
        limits.droppedPerThousand > 0 && Double.random(in: 0..<1000) < limits.droppedPerThousand
    }

    /// Receives a message to this loop alone, or to all loops that ask third parties.
    private func hear(_ payload: UnsafeRawBufferPointer, onControl channel: UnsafeRawBufferPointer) {
        if let restarts, channel.elementsEqual(restarts.channel.utf8) { return restarts.tell(payload) }
        guard let control, channel.elementsEqual(control.utf8) else { return }
        switch ControlMessage(payload) {
        case .probe: probe.didHear()
        case .close(let user): closeConnections(user)
        case nil: tally.counters.eventsInvalid += 1
        }
    }

    package func busDidFeed() { hub.flush() }

    package func busDidSubscribe(_ name: String) {
        guard let channel = hub.channel(name) else {
            if name == control { probe.didSubscribe() }
            return
        }
        perform(channel.state.didSubscribe(hasMembers: channel.memberCount > 0), on: channel)
    }

    package func busDidRefuse(_ name: String, _ error: RedisReplyError) {
        log.error("Redis refuses a channel", ["channel": .text(name), "reason": .text("\(error)")])
        guard let channel = hub.channel(name) else { return }
        perform(channel.state.didRefuse(hasMembers: channel.memberCount > 0), on: channel)
    }

    package func busDidLose(_ channels: LostChannels) {
        switch channels {
        case .all:
            for channel in hub.channels { channel.state.didDisconnect() }
            probe.didDisconnect()
        case .some(let names):
            for name in names { hub.channel(name)?.state.didDisconnect() }
            if let control, names.contains(control) { probe.didDisconnect() }
        }
    }
}

extension Subscriptions {
    /// Publishes a user's message to others. `completion` is told whether Redis accepted it.
    package func publish(
        _ message: [UInt8], to name: ChannelName, _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        bus.publish(message, to: naming.channel(name.text), completion)
    }
}
