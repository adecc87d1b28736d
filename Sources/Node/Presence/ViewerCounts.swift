import Events
import Dialects
import EventLoop
import Hub
import Store
import RESP
import Redis

/// How many watch each task on this loop, written to Redis at most once per task and 250 ms, only when it has changed.
final class ViewerCounts {
    /// Milliseconds between two writes of one task's viewers.
    static let intervalMilliseconds: UInt64 = 250

    /// Tasks written at once; the others follow an interval later.
    static let writtenAtOnce = 500

    private unowned let keeper: PresenceKeeper
    private var ledger = ViewerLedger<ChannelName>()
    private var random = SystemRandomNumberGenerator()
    private var isScheduled = false
    private var nextAssertion: UInt64 = 0

    init(keeper: PresenceKeeper) { self.keeper = keeper }

    private var core: LoopCore { keeper.core }

    /// Somebody has begun to watch a channel, or ceased to.
    func didChange(_ channel: ChannelName) {
        guard channel.kind == .task else { return }
        ledger.didChange(channel)
        writeLater()
    }

    /// Writes all of them again: under a new name, or before the keys' time is over.
    func repeatAll() {
        let watched = core.hub.channels.lazy.filter { $0.viewerCount > 0 && $0.name.kind == .task }.map(\.name)
        ledger.doubtAll(watched: watched)
        writeLater()
        let quarter = UInt64(PresenceLimits.viewersSeconds) * 250
        guard core.loop.now >= nextAssertion else { return }
        nextAssertion = core.loop.now + quarter
        core.loop.schedule(after: quarter) { [weak self] in self?.repeatAll() }
    }

    /// Redis can be asked: what waited for that is written.
    func resume() { writeLater() }

    private func writeLater() {
        guard !isScheduled, ledger.hasDue else { return }
        isScheduled = true
        let pause = max(Self.intervalMilliseconds, ledger.pause(at: core.loop.now))
        core.loop.schedule(after: pause) { [weak self] in self?.flush() }
    }

    private func flush() {
        isScheduled = false
        // Else they wait until the loop is registered, or Redis has answered a heartbeat.
        guard keeper.isRegistered, core.redis.isReady else { return }
        let naming = core.shared.configuration.naming
        let hub = core.hub
        let writes = ledger.take(atMost: Self.writtenAtOnce, at: core.loop.now) {
            hub.channel(naming.channel($0.text))?.viewerCount ?? 0
        }
        for write in writes { send(write) }
        writeLater()
    }

    private func send(_ write: ViewerLedger<ChannelName>.Write) {
        let room = core.shared.configuration.naming.viewersKey(of: write.task)
        let incarnation = keeper.incarnation
        // The loop's list of rooms is written before the room, and the room is left before it is taken off the list: what dies
        // in between leaves no count that nobody knows of. The two are in different hash slots.
        guard write.viewers > 0 else {
            core.redis.run(WriteViewersScript(0, in: room, of: incarnation)) { [weak self] result in
                guard let self, case .success = result else { self?.settle(write, isWritten: false); return }
                core.redis.send(LeaveRooms([room], by: incarnation, keys: keeper.keys)) { [weak self] result in
                    self?.settle(write, isWritten: (try? result.get()) != nil)
                }
            }
            return
        }
        core.redis.run(HoldRoomScript(room, by: incarnation, keys: keeper.keys)) { [weak self] result in
            // Where the loop is not registered any more, nothing is written.
            guard let self, case .success(true) = result else { self?.settle(write, isWritten: false); return }
            core.redis.run(WriteViewersScript(write.viewers, in: room, of: incarnation)) { [weak self] result in
                self?.settle(write, isWritten: (try? result.get()) != nil)
            }
        }
    }

    private func settle(_ write: ViewerLedger<ChannelName>.Write, isWritten: Bool) {
        if isWritten { return ledger.didWrite(write) }
        ledger.didFail(write, at: core.loop.now, using: &random)
        writeLater()
    }
}
