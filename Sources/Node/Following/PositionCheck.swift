import Events
import Dialects
import EventLoop
import Hub
import RESP
import Redis
import Store

/// Finds what no later message betrays: that the last one of a channel was lost.
///
/// Now and then the place of every live channel is compared with Redis', in batches; one that is behind is read. A message on
/// its way looks the same and costs one read too many.
final class PositionCheck {
    /// Channels that are asked about at once.
    static let batch = 100
    /// Milliseconds until the next ones: Redis answers others in between.
    static let pauseMilliseconds: UInt64 = 10

    private let loop: EventLoop
    private let hub: Hub
    private let store: ChannelStore
    private let intervalMilliseconds: Int
    /// Told of channels that are behind.
    private let subscriptions: Subscriptions

    init(loop: EventLoop, hub: Hub, store: ChannelStore, subscriptions: Subscriptions, everyMilliseconds: Int) {
        self.loop = loop
        self.hub = hub
        self.store = store
        self.subscriptions = subscriptions
        intervalMilliseconds = everyMilliseconds
    }

    /// Begins to check, at intervals that differ by a fifth, so that nodes do not ask together.
    func start() {
        let shortest = intervalMilliseconds - intervalMilliseconds / 10
        let jittered = shortest + Int.random(in: 0...max(1, intervalMilliseconds / 5))
        loop.schedule(after: UInt64(jittered)) { [weak self] in
            guard let self else { return }
            check(hub.channels.filter { $0.sync.isLive && !$0.name.isPersonal }[...])
            start()
        }
    }

    private func check(_ channels: ArraySlice<Channel>) {
        guard !channels.isEmpty, store.isReady else { return }
        for channel in channels.prefix(Self.batch) {
            store.position(of: channel.name) { [weak self] place in self?.compare(channel, place) }
        }
        loop.schedule(after: Self.pauseMilliseconds) { [weak self] in
            self?.check(channels.dropFirst(Self.batch))
        }
    }

    private func compare(_ channel: Channel, _ stored: Position?) {
        // It may have been given up since the question was sent.
        guard channel.sync.isLive, hub.channel(channel.redisName) === channel else { return }
        // Behind, or the data was lost.
        guard
            stored?.epoch != channel.sync.position?.epoch
                || stored?.sequence ?? 0 > channel.sync.position?.sequence ?? 0
        else { return }
        subscriptions.didFindBehind(channel)
    }
}
