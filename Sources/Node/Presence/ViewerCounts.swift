import Dialects
import EventLoop
import Hub
import Presence
import RedisClient
import Tasks

/// How many watch each task on this loop, written to Redis at most once per task and 250 ms, only when it has changed.
final class ViewerCounts {
    /// Milliseconds between two writes of one task's viewers.
    static let intervalMilliseconds: UInt64 = 250

    /// Tasks written at once; the others follow an interval later.
    static let writtenAtOnce = 500

    private unowned let keeper: PresenceKeeper
    private var written: [ChannelName: Int] = [:]
    private var changed: Set<ChannelName> = []
    private var isScheduled = false
    private var nextAssertion: UInt64 = 0

    init(keeper: PresenceKeeper) { self.keeper = keeper }

    private var core: LoopCore { keeper.core }

    /// Somebody has begun to watch a channel, or ceased to.
    func didChange(_ channel: ChannelName) {
        guard channel.kind == .task else { return }
        changed.insert(channel)
        guard !isScheduled else { return }
        isScheduled = true
        core.loop.schedule(after: Self.intervalMilliseconds) { [weak self] in self?.flush() }
    }

    /// Writes all of them again: under a new name, or before the keys' time is over.
    func repeatAll() {
        written = [:]
        for channel in core.hub.channels where channel.viewerCount > 0 { didChange(channel.name) }
        let quarter = UInt64(PresenceLimits.viewersSeconds) * 250
        guard core.loop.now >= nextAssertion else { return }
        nextAssertion = core.loop.now + quarter
        core.loop.schedule(after: quarter) { [weak self] in self?.repeatAll() }
    }

    private func flush() {
        isScheduled = false
        guard keeper.isRegistered, core.redis.isReady else { return }  // all are written when it is registered again
        let channels = changed.prefix(Self.writtenAtOnce)
        changed.subtract(channels)
        for channel in channels { write(channel) }
        if let next = changed.first { didChange(next) }
    }

    private func write(_ channel: ChannelName) {
        let naming = core.shared.configuration.naming
        let count = core.hub.channel(naming.channel(channel.text))?.viewerCount ?? 0
        guard written[channel] ?? 0 != count else { return }
        written[channel] = count == 0 ? nil : count
        let arguments = [keeper.incarnation, "\(count)", "\(PresenceLimits.viewersSeconds)"]
        keeper.run(PresenceScripts.setViewers, keys: [naming.viewersKey(of: channel)], arguments) {
            [weak self] result in
            guard case .failure = result, let self else { return }
            written[channel] = nil
            didChange(channel)
        }
    }
}
