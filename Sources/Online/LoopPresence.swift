import Base
package import EventLoop
package import Hub
import RESP
package import Redis
package import Store
package import Telemetry

/// Keeps one loop's connections counted in Redis: its lease, its users, their statuses, and each task's viewers. Reaps
/// dead loops.
package final class LoopPresence {
    /// The loop and node that are counted, as the list of nodes shows them.
    package struct Place {
        let node: String
        let loop: Int
        let version: String

        /// The loop `loop` of the node `node`, whose program is `version`.
        package init(node: String, loop: Int, version: String) {
            self.node = node
            self.loop = loop
            self.version = version
        }
    }

    /// Called with the loop's control channel, to subscribe to it. Set before ``start()``.
    package var onSubscribe: (String) -> Void = { _ in }
    /// Called to unsubscribe from that channel. Set before ``start()``.
    package var onUnsubscribe: (String) -> Void = { _ in }
    /// Called when all clients of `presence` must be told the count again. Set before ``start()``.
    package var onCount: () -> Void = {}
    /// Called when announcements are numbered from 1 again: earlier ones are obsolete. Set before ``start()``.
    package var onNumberingAnew: () -> Void = {}

    package let viewers: ViewerCounts
    package let statuses: UserStatuses
    /// The counts of the last heartbeat.
    package private(set) var numbers = ClusterNumbers()
    private let tally: Tally<OnlineCounters>

    private let store: PresenceStore
    private let place: Place
    private let log: Log
    private let reaper: Reaper
    private var users = UserLedger<(PresenceCount) -> Void>(chunk: PresenceLimits.chunk)
    private var news = CountNews()
    private var random = SystemRandomNumberGenerator()

    package init(
        loop: EventLoop, redis: any CommandBus, hub: Hub, naming: Naming, limits: PresenceLimits, place: Place,
        log: Log, tally: Tally<OnlineCounters>
    ) {
        store = PresenceStore(loop: loop, redis: redis, naming: naming, limits: limits)
        self.place = place
        self.log = log
        self.tally = tally
        viewers = ViewerCounts(store: store, hub: hub)
        statuses = UserStatuses(store: store)
        reaper = Reaper(store: store)
    }

    package var limits: PresenceLimits { store.limits }
    package var keys: PresenceKeys { store.keys }
    /// The name under which the loop is counted.
    package var incarnation: String { store.lease.name }
    /// Whether the loop is counted.
    package var isRegistered: Bool { store.lease.isRegistered }
    /// Whether all users are told of changes and typing: the cost grows with the square of the users.
    package var isBroadcasting: Bool { numbers.online <= limits.broadcastUpTo }
    /// WebSockets of all nodes, as far as the loop knows: at least its own.
    package var clusterConnections: Int { max(numbers.connections, users.connections) }

    /// Starts to renew the lease.
    package func start() {
        store.loop.every(milliseconds: UInt64(limits.heartbeatMilliseconds)) { [weak self] in self?.receive(.beat) }
        reaper.start()
    }

    /// Redis takes commands (again).
    package func redisIsReady() { receive(.connected) }

    /// Gives the lease back, with all counts under it. Returns when that is done, or Redis is away.
    package func stop(isolation: isolated (any Actor)? = #isolation) async {
        for case .takeOut(let name) in store.lease.receive(.stop) {
            while await reaper.takeOut(name, isOwn: true) {}
        }
    }

    /// The numbers for clients while Redis cannot be asked.
    package var lastKnown: PresenceCount {
        PresenceCount(announced: numbers.announced, version: numbers.version, connections: nil)
    }
}

// MARK: Connections

extension LoopPresence {
    /// A WebSocket has opened, with or without a user.
    package func didConnect() { users.didConnect() }
    /// A WebSocket has closed.
    package func didDisconnect() { users.didDisconnect() }

    /// A connection has authenticated as a user. `then` is called once the user is counted, or at once with the last known
    /// numbers while Redis cannot be asked.
    package func join(_ user: String, then: @escaping (PresenceCount) -> Void) {
        users.join(user)
        guard store.isReady, store.lease.isUnderWay, !users.isPausing(at: store.loop.now) else {
            return then(lastKnown)
        }
        users.wait(then, for: user)
    }

    /// A connection of a user is closing.
    package func leave(_ user: String) {
        if users.leave(user) { statuses.forget(user) }
    }

    /// Writes the changes since the last turn of the loop.
    package func flush() {
        guard users.hasDue, store.isCounting else { return }
        users.mustWriteAll ? writeAll() : users.takeDue(at: store.loop.now).forEach(write)
    }

    /// Writes all of the loop's counts: Redis lost them, or has others.
    private func writeAll() {
        guard let writes = users.takeAll(at: store.loop.now) else { return }
        writes.forEach(write)
        viewers.repeatAll()
        statuses.repeatAll()
    }

    private func write(_ write: UserLedger<(PresenceCount) -> Void>.Write) {
        let written = incarnation
        let script = WriteCountsScript(
            write.entries.map { (user: $0.user, connections: $0.connections) }, of: incarnation,
            connections: write.connections, isRepeated: write.isRepeated, limits: limits, everyone: store.everyone,
            keys: keys)
        store.run(script) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(.written(let counted)): didCount(write, counted)
            case .success(.unregistered):
                users.didLose(write)
                answerUncounted(write)
                didLoseLease(of: written)
            case .failure:
                users.didFail(write, at: store.loop.now, using: &random)
                answerUncounted(write)
            }
        }
    }

    private func didCount(_ write: UserLedger<(PresenceCount) -> Void>.Write, _ counted: WriteCountsScript.Written) {
        users.didWrite()
        didHear(of: counted.version)
        (numbers.announced, numbers.version) = (counted.announced, counted.version)
        for (total, waiters) in zip(counted.totals, write.waiters) {
            for waiter in waiters {
                waiter(PresenceCount(announced: counted.announced, version: counted.version, connections: total))
            }
        }
    }

    private func answerUncounted(_ write: UserLedger<(PresenceCount) -> Void>.Write) {
        for waiter in write.waiters.joined() { waiter(lastKnown) }
    }
}

// MARK: Lease

extension LoopPresence {
    private func receive(_ event: Lease.Event) {
        for action in store.lease.receive(event) {
            switch action {
            case .register(let isBack): register(isBack: isBack)
            case .writeAll: writeAll()
            case .beat: beat()
            case .answerWaiting: for waiter in users.takeWaiting() { waiter(lastKnown) }
            case .leave(let name): leaveLease(name)
            // The caller that stops the loop waits for it.
            case .takeOut: break
            }
        }
    }

    private func register(isBack: Bool) {
        guard store.isReady else { return receive(.notRegistered) }
        onSubscribe(keys.control(of: incarnation))
        let script = RegisterLoopScript(
            incarnation, of: place.node, loop: place.loop, version: place.version,
            leaseMilliseconds: limits.leaseMilliseconds, again: isBack, keys: keys)
        store.run(script) { [weak self] result in
            if case .success = result { self?.receive(.registered) } else { self?.receive(.notRegistered) }
        }
    }

    /// Compares Redis' counts with the loop's, and learns the cluster's numbers.
    private func beat() {
        flush()
        let beaten = incarnation
        let isTelling = news.ask()
        let script = HeartbeatScript(
            incarnation, users: users.users.count, connections: users.connections,
            leaseMilliseconds: limits.leaseMilliseconds, keys: keys)
        store.run(script) { [weak self] result in
            guard let self else { return }
            guard case .success(.registered(let counts)) = result else {
                news.didFail(isTelling: isTelling)
                if case .success = result { didLoseLease(of: beaten) }
                return
            }
            didHear(of: counts.version)
            numbers = ClusterNumbers(
                online: counts.online, announced: counts.announced, version: counts.version,
                connections: counts.connections, unannounced: counts.unannounced)
            didBeat(isTelling: isTelling, differs: !counts.isAsBelieved && beaten == incarnation)
        }
    }

    private func didBeat(isTelling: Bool, differs: Bool) {
        let isNews = news.receive(
            unannounced: numbers.unannounced, isTelling: isTelling, isBroadcasting: isBroadcasting)
        if isNews { onCount() }
        viewers.resume()
        // While Redis refuses writes, its counts must differ.
        guard !users.isPausing(at: store.loop.now) else { return }
        statuses.flush()
        if differs { repair() }
    }

    /// Clients may have missed announcements: all are told the count again, as soon as Redis can be asked.
    package func tellCounts() {
        news.mayBeWrong()
        beat()
    }

    private func didHear(of version: Int64) {
        if version < numbers.version { onNumberingAnew() }
    }

    /// The loop was reaped, or the data is lost: it registers under a new name and writes all its counts.
    private func didLoseLease(of lost: String) { receive(.lost(name: lost, next: Incarnation.make())) }

    private func leaveLease(_ name: String) {
        tally.counters.leasesLost += 1
        log.warning("presence: this loop is not registered any more", ["loop": .number(place.loop)])
        onUnsubscribe(keys.control(of: name))
        // Announcements meanwhile were missed, or undone.
        news.mayBeWrong()
    }

    /// Redis has other counts: removes users that the loop does not have, and writes all others again.
    private func repair(from cursor: String? = nil) {
        let repaired = incarnation
        store.run(StoredUsersScript(incarnation, from: cursor, keys: keys)) { [weak self] result in
            guard let self, repaired == incarnation, case .success(let page) = result else { return }
            for user in page.users { users.doubt(user) }
            if let next = page.next { repair(from: next) } else { writeAll() }
        }
    }
}
