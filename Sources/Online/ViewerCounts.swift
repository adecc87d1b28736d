import EventLoop
package import Events
import Hub
import RESP
import Redis
import Store

/// Writes each task's viewers on this loop to Redis: at most once per task and 250 ms, only after a change.
package final class ViewerCounts {
    /// Milliseconds between two writes of one task's viewers.
    static let intervalMilliseconds: UInt64 = 250

    /// Tasks written at once; the others follow an interval later.
    static let writtenAtOnce = 500

    private let store: PresenceStore
    private let hub: Hub
    private var ledger = ViewerLedger<ChannelName>()
    private var random = SystemRandomNumberGenerator()
    private var isScheduled = false
    private var nextAssertion: UInt64 = 0

    init(store: PresenceStore, hub: Hub) {
        self.store = store
        self.hub = hub
    }

    /// A channel got a viewer or lost one.
    package func didChange(_ channel: ChannelName) {
        guard channel.kind == .task else { return }
        ledger.didChange(channel)
        writeLater()
    }

    /// Writes all of them again: under a new name, or before the keys expire.
    func repeatAll() {
        let watched = hub.channels.lazy.filter { $0.viewerCount > 0 && $0.name.kind == .task }.map(\.name)
        ledger.doubtAll(watched: watched)
        writeLater()
        let quarter = UInt64(PresenceLimits.viewersSeconds) * 250
        guard store.loop.now >= nextAssertion else { return }
        nextAssertion = store.loop.now + quarter
        store.loop.schedule(after: quarter) { [weak self] in self?.repeatAll() }
    }

    /// Redis takes commands: writes what waited for that.
    func resume() { writeLater() }

    private func writeLater() {
        guard !isScheduled, ledger.hasDue else { return }
        isScheduled = true
        let pause = max(Self.intervalMilliseconds, ledger.pause(at: store.loop.now))
        store.loop.schedule(after: pause) { [weak self] in self?.flush() }
    }

    private func flush() {
        isScheduled = false
        // Otherwise they wait until the loop is registered, or Redis has answered a heartbeat.
        guard store.isCounting else { return }
        let writes = ledger.take(atMost: Self.writtenAtOnce, at: store.loop.now) { [hub, store] in
            hub.channel(store.naming.channel($0.text))?.viewerCount ?? 0
        }
        for write in writes { send(write) }
        writeLater()
    }

    private func send(_ write: ViewerLedger<ChannelName>.Write) {
        let room = store.naming.viewersKey(of: write.task)
        write.viewers > 0 ? hold(room, for: write) : leave(room, for: write)
    }

    // The loop's list of rooms is in another hash slot than a room. A room joins the list before it has a count, and
    // leaves it after the count is removed: a loop that dies in between leaves no count that no other loop finds.

    private func hold(_ room: String, for write: ViewerLedger<ChannelName>.Write) {
        let name = store.lease.name
        store.run(HoldRoomScript(room, by: name, keys: store.keys)) { [weak self] result in
            // Where the loop is not registered any more, it writes nothing.
            guard let self, case .success(true) = result else { self?.settle(write, isWritten: false); return }
            store.run(WriteViewersScript(write.viewers, in: room, of: name)) { [weak self] result in
                self?.settle(write, isWritten: (try? result.get()) != nil)
            }
        }
    }

    private func leave(_ room: String, for write: ViewerLedger<ChannelName>.Write) {
        let name = store.lease.name
        store.run(WriteViewersScript(0, in: room, of: name)) { [weak self] result in
            guard let self, case .success = result else { self?.settle(write, isWritten: false); return }
            store.send(LeaveRooms([room], by: name, keys: store.keys)) { [weak self] result in
                self?.settle(write, isWritten: (try? result.get()) != nil)
            }
        }
    }

    private func settle(_ write: ViewerLedger<ChannelName>.Write, isWritten: Bool) {
        if isWritten { return ledger.didWrite(write) }
        ledger.didFail(write, at: store.loop.now, using: &random)
        writeLater()
    }
}
