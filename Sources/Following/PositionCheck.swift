import Dialects
import Events
import Hub
import RESP
import Redis
import Store

/// Finds a loss that no later message reveals: the last message of a channel was lost.
///
/// At intervals the loop compares the positions of its live channels with Redis, in batches, and reads the channels
/// that are behind. A message that is still on its way looks like a loss and costs one needless read.
final class PositionCheck {
    /// Channels in one question to Redis.
    static let batch = 100
    /// Milliseconds until the next batch: Redis answers others in between.
    static let pauseMilliseconds: UInt64 = 10

    private let loop: any LoopClock
    private let hub: Hub
    private let store: ChannelStore
    private let intervalMilliseconds: Int
    private let channels: ChannelDriver

    init(loop: any LoopClock, hub: Hub, store: ChannelStore, channels: ChannelDriver, everyMilliseconds: Int) {
        self.loop = loop
        self.hub = hub
        self.store = store
        self.channels = channels
        intervalMilliseconds = everyMilliseconds
    }

    /// Starts to check, at intervals that differ by a fifth, so that nodes do not ask at the same time.
    func start() {
        let shortest = intervalMilliseconds - intervalMilliseconds / 10
        let jittered = shortest + Int.random(in: 0...max(1, intervalMilliseconds / 5))
        loop.start(after: UInt64(jittered)) { [weak self] in
            guard let self else { return }
            check(hub.channels.filter { $0.state.sync.isLive && !$0.name.isPersonal }[...])
            start()
        }
    }

    private func check(_ channels: ArraySlice<Channel>) {
        guard !channels.isEmpty, store.isReady else { return }
        for channel in channels.prefix(Self.batch) {
            store.position(of: channel.name) { [weak self] place in self?.compare(channel, place) }
        }
        loop.start(after: Self.pauseMilliseconds) { [weak self] in
            self?.check(channels.dropFirst(Self.batch))
        }
    }

    private func compare(_ channel: Channel, _ stored: Position?) {
        // The loop may have closed the channel since it asked.
        guard hub.channel(channel.redisName) === channel else { return }
        channels.compare(channel, with: stored)
    }
}
