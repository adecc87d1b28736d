import Base
import EventLoop
import RESP
import Redis
import Store
import Telemetry

/// Keeps one loop's users of one bucket counted in Redis: the loop's lease there, these users, and their statuses. Reaps
/// dead loops in that bucket.
final class BucketPresence {
    /// Called with the control channel of the loop's lease, to subscribe to it.
    var onSubscribe: (String) -> Void = { _ in }
    /// Called to unsubscribe from that channel.
    var onUnsubscribe: (String) -> Void = { _ in }
    /// Called when ``numbers`` have changed.
    var onNumbers: () -> Void = {}
    /// Called when clients must be told the count again.
    var onCount: () -> Void = {}
    /// Called when announcements are numbered from 1 again.
    var onNumberingAnew: () -> Void = {}
    /// Whether all users of all buckets are told of changes.
    var isBroadcasting: () -> Bool = { true }

    let store: PresenceStore
    /// The tasks' viewers on this loop, in the bucket that has them.
    private let viewers: ViewerCounts?
    let statuses: UserStatuses
    /// The counts by the last replies.
    private(set) var numbers = BucketNumbers()

    private let place: LoopPresence.Place
    private let log: Log
    private let tally: Tally<OnlineCounters>
    private let reaper: Reaper
    private var users = UserLedger<(_ connections: Int?) -> Void>(chunk: PresenceLimits.chunk)
    private var news = CountNews()
    private var random = SystemRandomNumberGenerator()

    init(
        store: PresenceStore, viewers: ViewerCounts?, place: LoopPresence.Place, log: Log,
        tally: Tally<OnlineCounters>
    ) {
        self.store = store
        self.place = place
        self.log = log
        self.tally = tally
        self.viewers = viewers
        statuses = UserStatuses(store: store)
        reaper = Reaper(store: store)
    }

    private var keys: PresenceKeys { store.keys }
    /// The name under which the loop is counted.
    private var incarnation: String { store.lease.name }
    /// Whether the loop is counted.
    var isRegistered: Bool { store.lease.isRegistered }
    /// WebSockets of the loop.
    var connections: Int { users.connections }

    /// Starts to reap.
    func start() { reaper.start() }

    /// Gives the lease back, with all counts under it. Calls `completion` when that is done, or Redis is away.
    func stop(_ completion: @escaping () -> Void) {
        guard case .takeOut(let name)? = store.lease.receive(.stop).first else { return completion() }
        takeOut(name, completion)
    }

    private func takeOut(_ name: String, _ completion: @escaping () -> Void) {
        reaper.takeOut(name, isOwn: true) { [self] hasMore in hasMore ? takeOut(name, completion) : completion() }
    }
}

// MARK: Connections

extension BucketPresence {
    func didConnect() { users.didConnect() }
    func didDisconnect() { users.didDisconnect() }

    /// A connection has authenticated as a user. `then` is called once the user is counted, with its connections, or at once
    /// with nil while Redis cannot be asked.
    func join(_ user: String, then: @escaping (_ connections: Int?) -> Void) {
        users.join(user)
        guard store.isReady, store.lease.isUnderWay, !users.isPausing(at: store.loop.now) else { return then(nil) }
        users.wait(then, for: user)
    }

    /// A connection of a user is closing.
    func leave(_ user: String) {
        if users.leave(user) { statuses.forget(user) }
    }

    /// Gives users to the buckets that are theirs from now on.
    func moveUsers(_ bucket: (_ user: String) -> BucketPresence) {
        for (user, connections) in users.users {
            let target = bucket(user)
            guard target !== self else { continue }
            if let status = statuses.said(by: user) { target.statuses.set(status, of: user) }
            for _ in 0..<connections {
                target.users.join(user)
                leave(user)
            }
        }
    }

    /// Writes the changes since the last turn of the loop.
    func flush() {
        guard users.hasDue, store.isCounting else { return }
        users.mustWriteAll ? writeAll() : users.takeDue(at: store.loop.now).forEach(write)
    }

    /// Writes all of the loop's counts: Redis lost them, or has others.
    private func writeAll() {
        guard let writes = users.takeAll(at: store.loop.now) else { return }
        writes.forEach(write)
        viewers?.repeatAll()
        statuses.repeatAll()
    }

    private func write(_ write: UserLedger<(Int?) -> Void>.Write) {
        let written = incarnation
        let script = WriteCountsScript(
            write.entries.map { (user: $0.user, connections: $0.connections) }, of: incarnation,
            connections: write.connections, isRepeated: write.isRepeated, limits: store.announcing,
            everyone: store.everyone, keys: keys)
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

    private func didCount(_ write: UserLedger<(Int?) -> Void>.Write, _ counted: WriteCountsScript.Written) {
        users.didWrite()
        didHear(of: counted.version)
        (numbers.announced, numbers.version) = (counted.announced, counted.version)
        onNumbers()
        for (total, waiters) in zip(counted.totals, write.waiters) {
            for waiter in waiters { waiter(total) }
        }
    }

    private func answerUncounted(_ write: UserLedger<(Int?) -> Void>.Write) {
        for waiter in write.waiters.joined() { waiter(nil) }
    }
}

// MARK: Lease

extension BucketPresence {
    func receive(_ event: Lease.Event) {
        for action in store.lease.receive(event) {
            switch action {
            case .register(let isBack): register(isBack: isBack)
            case .writeAll: writeAll()
            case .beat: beat()
            case .answerWaiting: for waiter in users.takeWaiting() { waiter(nil) }
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
            leaseMilliseconds: store.limits.leaseMilliseconds, again: isBack, keys: keys)
        store.run(script) { [weak self] result in
            if case .success = result { self?.receive(.registered) } else { self?.receive(.notRegistered) }
        }
    }

    /// Learns the numbers of this moment, where Redis can be asked; then calls `completion`.
    func refresh(_ completion: @escaping () -> Void) { store.isCounting ? beat(completion) : completion() }

    /// Compares Redis' counts with the loop's, and learns the cluster's numbers.
    private func beat(_ completion: @escaping () -> Void = {}) {
        flush()
        let beaten = incarnation
        let isTelling = news.ask()
        let script = HeartbeatScript(
            incarnation, users: users.users.count, connections: users.connections,
            leaseMilliseconds: store.limits.leaseMilliseconds, keys: keys)
        store.run(script) { [weak self] result in
            defer { completion() }
            guard let self else { return }
            guard case .success(.registered(let counts)) = result else {
                news.didFail(isTelling: isTelling)
                if case .success = result { didLoseLease(of: beaten) }
                return
            }
            didHear(of: counts.version)
            numbers = BucketNumbers(
                online: counts.online, announced: counts.announced, version: counts.version,
                connections: counts.connections, unannounced: counts.unannounced)
            onNumbers()
            didBeat(isTelling: isTelling, differs: !counts.isAsBelieved && beaten == incarnation)
        }
    }

    private func didBeat(isTelling: Bool, differs: Bool) {
        let isNews = news.receive(
            unannounced: numbers.unannounced, isTelling: isTelling, isBroadcasting: isBroadcasting())
        if isNews { onCount() }
        viewers?.resume()
        // While Redis refuses writes, its counts must differ.
        guard !users.isPausing(at: store.loop.now) else { return }
        statuses.flush()
        if differs { repair() }
    }

    /// Clients may have missed announcements: all are told the count again, as soon as Redis can be asked.
    func tellCounts() {
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
        // Announcements meanwhile were missed, or undone, and what was heard is in no later count: all clients are told anew.
        onNumberingAnew()
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
