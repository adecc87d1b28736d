import Base
package import EventLoop
package import Hub
import RESP
package import Redis
package import Store
package import Telemetry

/// Keeps the connections of one loop counted in Redis: its lease, its users, their statuses, and how many watch each task. It
/// takes out what dead loops have left.
package final class LoopPresence {
    /// Which loop of which node is counted, as the list of nodes shows it.
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

    /// Called with the name of a channel on which the loop is to hear what is meant for it alone. Set before ``start()``.
    package var onSubscribe: (String) -> Void = { _ in }
    /// Called when nothing is meant for the loop there any more. Set before ``start()``.
    package var onUnsubscribe: (String) -> Void = { _ in }
    /// Called when all clients of `presence` are to be told the count anew. Set before ``start()``.
    package var onCount: () -> Void = {}
    /// Called when announcements are numbered from 1 again: those of before are news to nobody. Set before ``start()``.
    package var onNumberingAnew: () -> Void = {}

    package let viewers: ViewerCounts
    package let statuses: UserStatuses
    /// What the last heartbeat said.
    package private(set) var numbers = ClusterNumbers()
    private let tally: Tally<OnlineCounters>

    private let store: PresenceStore
    private let place: Place
    private let log: Log
    private let reaper: Reaper
    private var users = UserLedger<(Admission) -> Void>(chunk: PresenceLimits.chunk)
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
    /// Whether comings, goings and typing are told to all: the cost grows with the square of the users.
    package var isBroadcasting: Bool { numbers.online <= limits.broadcastUpTo }
    /// WebSockets of all nodes, as far as is known: at least those that are here.
    package var clusterConnections: Int { max(numbers.connections, users.connections) }

    /// Begins to keep the lease.
    package func start() {
        store.loop.every(milliseconds: UInt64(limits.heartbeatMilliseconds)) { [weak self] in self?.receive(.beat) }
        reaper.start()
    }

    /// Redis takes commands (again).
    package func redisIsReady() { receive(.connected) }

    /// Gives the lease back, with everything that was counted under it. Returns when that is done, or Redis is away.
    package func stop(isolation: isolated (any Actor)? = #isolation) async {
        for case .takeOut(let name) in store.lease.receive(.stop) {
            while await reaper.takeOut(name, isOwn: true) {}
        }
    }

    /// What is told where Redis cannot be asked.
    package var lastKnown: Admission {
        Admission(announced: numbers.announced, version: numbers.version, connections: nil)
    }
}

// MARK: Connections

extension LoopPresence {
    /// A WebSocket has come, whoever it belongs to.
    package func didConnect() { users.didConnect() }
    /// A WebSocket has gone.
    package func didDisconnect() { users.didDisconnect() }

    /// A connection has authenticated as a user. `then` is called once the user is counted, or at once with the last known
    /// numbers while Redis cannot be asked.
    package func join(_ user: String, then: @escaping (Admission) -> Void) {
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

    /// Writes what has changed since the last turn of the loop.
    package func flush() {
        guard users.hasDue, store.isCounting else { return }
        users.mustWriteAll ? writeAll() : users.takeDue(at: store.loop.now).forEach(write)
    }

    /// Writes all that the loop has: the data was lost, or differs.
    private func writeAll() {
        guard let writes = users.takeAll(at: store.loop.now) else { return }
        writes.forEach(write)
        viewers.repeatAll()
        statuses.repeatAll()
    }

    private func write(_ write: UserLedger<(Admission) -> Void>.Write) {
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

    private func didCount(_ write: UserLedger<(Admission) -> Void>.Write, _ counted: WriteCountsScript.Written) {
        users.didWrite()
        didHear(of: counted.version)
        (numbers.announced, numbers.version) = (counted.announced, counted.version)
        for (total, waiters) in zip(counted.totals, write.waiters) {
            for waiter in waiters {
                waiter(Admission(announced: counted.announced, version: counted.version, connections: total))
            }
        }
    }

    private func answerUncounted(_ write: UserLedger<(Admission) -> Void>.Write) {
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
            // The one who stops waits for it.
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

    /// Compares what is stored with what the loop has, and learns the cluster's numbers.
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
        // While Redis refuses what is written, it must differ.
        guard !users.isPausing(at: store.loop.now) else { return }
        statuses.flush()
        if differs { repair() }
    }

    /// Announcements may have been missed: all clients are told the count anew, as soon as Redis can be asked.
    package func tellCounts() {
        news.mayBeWrong()
        beat()
    }

    private func didHear(of version: Int64) {
        if version < numbers.version { onNumberingAnew() }
    }

    /// The loop was taken out, or the data is gone: it comes back under a new name, with all it has.
    private func didLoseLease(of lost: String) { receive(.lost(name: lost, next: Incarnation.make())) }

    private func leaveLease(_ name: String) {
        tally.counters.leasesLost += 1
        log.warning("presence: this loop is not registered any more", ["loop": .number(place.loop)])
        onUnsubscribe(keys.control(of: name))
        // What was announced meanwhile went by, or was undone.
        news.mayBeWrong()
    }

    /// What is stored differs: users stored that the loop does not have are taken out, all others written again.
    private func repair(from cursor: String? = nil) {
        let repaired = incarnation
        store.run(StoredUsersScript(incarnation, from: cursor, keys: keys)) { [weak self] result in
            guard let self, repaired == incarnation, case .success(let page) = result else { return }
            for user in page.users { users.doubt(user) }
            if let next = page.next { repair(from: next) } else { writeAll() }
        }
    }
}
