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
    /// Milliseconds between two questions: Redis answers others in between.
    static let pauseMilliseconds: UInt64 = 10

    private unowned let core: LoopCore

    init(core: LoopCore) { self.core = core }

    /// Begins to check, at intervals that differ by a fifth, so that nodes do not ask together.
    func start() {
        let interval = core.shared.configuration.positionCheckMilliseconds
        let jittered = interval - interval / 10 + Int.random(in: 0...max(1, interval / 5))
        core.loop.schedule(after: UInt64(jittered)) { [weak self] in
            guard let self else { return }
            check(core.hub.channels.filter { $0.sync.isLive && !$0.name.isPersonal }[...])
            start()
        }
    }

    private func check(_ channels: ArraySlice<Channel>) {
        guard !channels.isEmpty, core.redis.isReady else { return }
        let batch = Array(channels.prefix(Self.batch))
        let naming = core.shared.configuration.naming
        for channel in batch {
            core.redis.send(StoredPosition(of: channel.name, naming: naming)) { [weak self] result in
                guard case .success(let reply) = result else { return }
                self?.compare(channel, with: reply.position)
            }
        }
        core.loop.schedule(after: Self.pauseMilliseconds) { [weak self] in
            self?.check(channels.dropFirst(Self.batch))
        }
    }

    private func compare(_ channel: Channel, with stored: Position?) {
        // It may have been given up since the question was sent.
        guard channel.sync.isLive, core.hub.channel(channel.redisName) === channel else { return }
        // Behind, or the data was lost.
        guard
            stored?.epoch != channel.sync.position?.epoch
                || stored?.sequence ?? 0 > channel.sync.position?.sequence ?? 0
        else { return }
        core.counters.positionsBehind += 1
        channel.sync.willCheck()
        core.subscriptions.read(channel)
    }
}
