import Redis
import Telemetry

/// The channels that the loop itself listens on, which no viewer follows: its control channels, one for each of its
/// leases, and the one with announcements about tasks.
package final class LoopChannels {
    private let bus: any Bus
    private let probe: PubSubProbe
    private let tally: FollowingTally
    /// The control channels by their names in Redis.
    private var controls: Set<String> = []
    /// The channel with announcements about tasks, by its name in Redis, once the loop listens there.
    private var news: String?
    /// Who hears the announcements.
    private var announcements: Announced?

    private struct Announced {
        let tell: (UnsafeRawBufferPointer) -> Void
        let didSubscribe: () -> Void
    }

    /// Called to close a user's connections.
    package var closeConnections: (_ user: String) -> Void = { _ in }
    /// Called with the channel, by its name in Redis, of a task or topic that another master of the cluster publishes from now on.
    package var didMove: (_ channel: String) -> Void = { _ in }

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

    /// Subscribes to the channel with announcements about tasks, for ``didMove``.
    package func subscribe(moves channel: String) {
        news = channel
        bus.subscribe(channel)
    }

    /// Subscribes to the channel with announcements about tasks. `didSubscribe` is called whenever the loop hears all
    /// that are sent from then on: it may have missed earlier ones.
    package func subscribe(
        announcements channel: String, didSubscribe: @escaping () -> Void,
        _ tell: @escaping (UnsafeRawBufferPointer) -> Void
    ) {
        (news, announcements) = (channel, Announced(tell: tell, didSubscribe: didSubscribe))
        bus.subscribe(channel)
    }

    /// Receives a message that is on no viewer's channel.
    func receive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        if let news, channel.elementsEqual(news.utf8) { return receive(news: payload) }
        // A viewer's channel, whose last viewer left while the message was on its way.
        guard controls.contains(String(decoding: channel, as: UTF8.self)) else { return }
        switch ControlMessage(payload) {
        case .probe: probe.didHear()
        case .close(let user): closeConnections(user)
        case nil: tally.counters.eventsInvalid += 1
        }
    }

    private func receive(news payload: UnsafeRawBufferPointer) {
        guard payload.starts(with: Self.moved) else { return announcements?.tell(payload) ?? () }
        didMove(String(decoding: payload.dropFirst(Self.moved.count), as: UTF8.self))
    }

    /// The start of the news that a slot is being moved, before the channel.
    private static let moved = "moved ".utf8

    /// Redis confirmed the subscription.
    func didSubscribe(_ channel: String) {
        if channel == probe.channel { probe.didSubscribe() }
        if channel == news { announcements?.didSubscribe() }
    }

    /// The loop hears nothing more on these channels.
    func didLose(_ channels: LostChannels) {
        switch channels {
        case .all: probe.didDisconnect()
        case .some(let names): if let probed = probe.channel, names.contains(probed) { probe.didDisconnect() }
        }
    }
}
