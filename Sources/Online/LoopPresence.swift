package import Dialects
package import EventLoop
import Events
package import Hub
package import Redis
package import Store
package import Telemetry

/// Keeps one loop's connections counted in Redis: its users and their statuses, each in the bucket of the user, and each
/// task's viewers. Reaps dead loops.
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

    /// Called with a control channel of the loop, to subscribe to it, and whether to probe it. Set before ``start()``.
    package var onSubscribe: (_ channel: String, _ isProbed: Bool) -> Void = { _, _ in }
    /// Called to unsubscribe from that channel. Set before ``start()``.
    package var onUnsubscribe: (String) -> Void = { _ in }
    /// Called when all clients of `presence` must be told the count again. Set before ``start()``.
    package var onCount: () -> Void = {}
    /// Called when a bucket numbers its announcements from 1 again: earlier ones are obsolete. Set before ``start()``.
    package var onNumberingAnew: (_ bucket: Int) -> Void = { _ in }
    /// Called when users are spread over so many buckets from now on. Set before ``start()``.
    package var onSpread: (_ bucketCount: Int) -> Void = { _ in }

    /// The tasks' viewers on this loop.
    package let viewers: ViewerCounts
    package let limits: PresenceLimits
    /// The counts of the last heartbeats.
    package private(set) var numbers = ClusterNumbers()

    private let loop: EventLoop
    private let redis: any CommandBus
    private let naming: Naming
    private let makeBucket: (PresenceKeys) -> BucketPresence
    private var buckets: [BucketPresence] = []
    /// The first of ``buckets``: it also has the loop's connections, and its tasks' viewers.
    private let home: BucketPresence
    private var isTelling = false
    /// Those who wait for the numbers of all buckets.
    private var refreshers: [(PresenceCount) -> Void] = []

    /// Milliseconds in which the heartbeats of all buckets are answered, usually: clients are told the count once.
    private static let tellingMilliseconds: UInt64 = 50
    /// Milliseconds in which clients that come are collected, to ask all buckets once for them.
    private static let refreshMilliseconds: UInt64 = 20

    package init(
        loop: EventLoop, redis: any CommandBus, hub: Hub, naming: Naming, limits: PresenceLimits, place: Place,
        log: Log, tally: Tally<OnlineCounters>
    ) {
        self.loop = loop
        self.redis = redis
        self.naming = naming
        self.limits = limits
        func store(_ keys: PresenceKeys) -> PresenceStore {
            PresenceStore(loop: loop, redis: redis, naming: naming, keys: keys, limits: limits)
        }
        let homeStore = store(PresenceKeys(naming))
        viewers = ViewerCounts(store: homeStore, hub: hub)
        home = BucketPresence(store: homeStore, viewers: viewers, place: place, log: log, tally: tally)
        makeBucket = { BucketPresence(store: store($0), viewers: nil, place: place, log: log, tally: tally) }
        add([home])
    }

    /// Whether the loop is counted in every bucket.
    package var isRegistered: Bool { buckets.allSatisfy(\.isRegistered) }
    /// Whether all users are told of changes and typing: the cost grows with the square of the users.
    package var isBroadcasting: Bool { numbers.online <= limits.broadcastUpTo }
    /// WebSockets of all nodes, as far as the loop knows: at least its own.
    package var clusterConnections: Int { max(numbers.connections, home.connections) }
    /// The numbers for clients while Redis cannot be asked.
    package var lastKnown: PresenceCount { PresenceCount(numbers, connections: nil) }

    /// Starts to renew the leases.
    package func start() {
        loop.every(milliseconds: UInt64(limits.heartbeatMilliseconds)) { [weak self] in self?.receive(.beat) }
        home.start()
    }

    /// Redis takes commands (again).
    package func redisIsReady() { receive(.connected) }

    private func receive(_ event: Lease.Event) {
        if redis.isReady, redis.isSpread, buckets.count == 1 { spread() }
        for bucket in buckets { bucket.receive(event) }
    }

    /// Gives the leases back, with all counts under them. Returns when that is done, or Redis is away.
    package func stop(isolation: isolated (any Actor)? = #isolation) async {
        // All at once: each may wait for a master that is away.
        await withCheckedContinuation(isolation: isolation) { waiter in
            var open = buckets.count
            for bucket in buckets {
                bucket.stop {
                    open -= 1
                    if open == 0 { waiter.resume() }
                }
            }
        }
    }

    /// Clients may have missed announcements: all are told the count again, as soon as Redis can be asked.
    package func tellCounts() {
        for bucket in buckets { bucket.tellCounts() }
    }
}

// MARK: Users

extension LoopPresence {
    /// A WebSocket has opened, with or without a user.
    package func didConnect() { home.didConnect() }
    /// A WebSocket has closed.
    package func didDisconnect() { home.didDisconnect() }

    /// A connection has authenticated as a user. `then` is called once the user is counted, or at once with the last known
    /// numbers while Redis cannot be asked.
    package func join(_ user: String, then: @escaping (PresenceCount) -> Void) {
        bucket(of: user).join(user) { [unowned self] in then(PresenceCount(numbers, connections: $0)) }
    }

    /// A connection of a user is closing.
    package func leave(_ user: String) { bucket(of: user).leave(user) }

    /// A user sets its status.
    package func set(_ status: PresenceStatus, of user: String) { bucket(of: user).statuses.set(status, of: user) }

    /// Writes the changes since the last turn of the loop.
    package func flush() {
        for bucket in buckets { bucket.flush() }
    }

    private func bucket(of user: String) -> BucketPresence { buckets[UserBucket.place(of: user, among: buckets.count)] }
}

// MARK: Buckets

extension LoopPresence {
    /// Keys are spread over several servers, as the bus has found out: so are the users.
    private func spread() {
        let keys = PresenceBuckets(naming, areSpread: true).all
        add(keys.dropFirst().map(makeBucket))
        for bucket in buckets.dropFirst() { bucket.start() }
        onSpread(buckets.count)
        home.moveUsers { bucket(of: $0) }
        learn()
    }

    private func add(_ more: [BucketPresence]) {
        for bucket in more {
            let place = buckets.count
            buckets.append(bucket)
            bucket.onSubscribe = { [unowned self] in onSubscribe($0, place == 0) }
            bucket.onUnsubscribe = { [unowned self] in onUnsubscribe($0) }
            bucket.onNumbers = { [unowned self] in learn() }
            bucket.onNumberingAnew = { [unowned self] in onNumberingAnew(place) }
            bucket.onCount = { [unowned self] in tell() }
            bucket.isBroadcasting = { [unowned self] in isBroadcasting }
        }
    }

    /// Calls `then` with counts that include whatever was announced before this call: from now on the client hears the
    /// announcements. `count` is what Redis said when it counted the client, where it did. Of one bucket that is enough;
    /// of other buckets than the user's the loop knows the last heartbeat's.
    package func refresh(_ count: PresenceCount?, then: @escaping (PresenceCount) -> Void) {
        guard buckets.count > 1 else { return then(count ?? lastKnown) }
        refreshers.append(then)
        guard refreshers.count == 1 else { return }
        loop.schedule(after: Self.refreshMilliseconds) { [weak self] in self?.refreshAll() }
    }

    private func refreshAll() {
        let waiting = refreshers
        refreshers = []
        var open = buckets.count
        for bucket in buckets {
            bucket.refresh { [weak self] in
                open -= 1
                guard open == 0, let self else { return }
                for waiter in waiting { waiter(lastKnown) }
            }
        }
    }

    private func learn() {
        numbers = ClusterNumbers(buckets.map(\.numbers), home: home.numbers)
        for bucket in buckets { bucket.store.onlineElsewhere = max(0, numbers.online &- bucket.numbers.online) }
    }

    private func tell() {
        guard buckets.count > 1 else { return onCount() }
        guard !isTelling else { return }
        isTelling = true
        loop.schedule(after: Self.tellingMilliseconds) { [weak self] in
            self?.isTelling = false
            self?.onCount()
        }
    }
}
