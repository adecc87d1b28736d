import Redis
import Telemetry

/// The channels that the loop itself listens on, which no viewer follows: its control channels, one for each of its
/// leases, and the one that announces restarted tasks.
package final class LoopChannels {
    private let bus: any Bus
    private let probe: PubSubProbe
    private let tally: FollowingTally
    /// The control channels by their names in Redis.
    private var controls: Set<String> = []
    /// The channel, by its name in Redis, that announces which tasks run again, and the closure that is told.
    private var restarts: (channel: String, tell: (UnsafeRawBufferPointer) -> Void)?

    /// Called to close a user's connections.
    package var closeConnections: (_ user: String) -> Void = { _ in }

    init(bus: any Bus, probe: PubSubProbe, tally: FollowingTally) {
        self.bus = bus
        self.probe = probe
        self.tally = tally
    }

    /// Subscribes to a channel for this loop alone; `isProbed`: by which the loop tests that Redis delivers.
    package func subscribe(control channel: String, isProbed: Bool) {
        controls.insert(channel)
        if isProbed { probe.channel = channel }
        bus.subscribe(channel)
    }

    /// Unsubscribes from such a channel.
    package func unsubscribe(control channel: String) {
        controls.remove(channel)
        bus.unsubscribe(channel)
    }

    /// Subscribes to the channel that announces restarted tasks: each message is a task's channel.
    package func subscribe(restarts channel: String, _ tell: @escaping (UnsafeRawBufferPointer) -> Void) {
        restarts = (channel, tell)
        bus.subscribe(channel)
    }

    /// Receives a message that is on no viewer's channel.
    func receive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        if let restarts, channel.elementsEqual(restarts.channel.utf8) { return restarts.tell(payload) }
        // A viewer's channel, whose last viewer left while the message was on its way.
        guard controls.contains(String(decoding: channel, as: UTF8.self)) else { return }
        switch ControlMessage(payload) {
        case .probe: probe.didHear()
        case .close(let user): closeConnections(user)
        case nil: tally.counters.eventsInvalid += 1
        }
    }

    /// Redis confirmed the subscription.
    func didSubscribe(_ channel: String) { if channel == probe.channel { probe.didSubscribe() } }

    /// The loop hears nothing more on these channels.
    func didLose(_ channels: LostChannels) {
        switch channels {
        case .all: probe.didDisconnect()
        case .some(let names): if let probed = probe.channel, names.contains(probed) { probe.didDisconnect() }
        }
    }
}
