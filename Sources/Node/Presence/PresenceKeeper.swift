import Events
import Dialects
import EventLoop
import Store
import RESP
import Redis

/// Keeps one loop counted: its lease, its users' connections, and what dead loops have left behind.
///
/// Redis holds absolute numbers, written after every change and again after anything that may have lost one, so a repeated
/// or a lost write cannot make them wrong for long: every heartbeat compares.
final class PresenceKeeper {
    private enum State {
        /// Not registered, or no longer: what is written would stay behind nobody.
        case away
        case registering
        case registered
    }

    unowned let core: LoopCore
    let limits: PresenceLimits
    let keys: PresenceKeys
    /// What the last heartbeat said.
    private(set) var numbers = ClusterNumbers()
    private(set) var incarnation = Incarnation.make()
    private var state = State.away
    private var wasRegistered = false
    private var isClosed = false
    /// What clients count may be wrong: the next heartbeat that is answered tells them.
    private var countsAreDue = false
    /// What had not been announced when clients were last told the count; more than that, and they are told again, once
    /// there are few enough users.
    private var told: Int64?

    private var users: [String: Int] = [:]
    /// Users whose count Redis may not have.
    private var due = DueWrites<String>()
    /// All of them are to be written again, once Redis takes writes.
    private var allAreDue = false
    private var random = SystemRandomNumberGenerator()
    private var connections = 0
    private var connectionsChanged = false
    private var waiting: [String: [(Admission) -> Void]] = [:]
    private(set) var viewers: ViewerCounts!
    private(set) var statuses: UserStatuses!
    private var reaper: Reaper!

    init(core: LoopCore) {
        self.core = core
        limits = core.shared.configuration.presence
        keys = PresenceKeys(core.shared.configuration.naming)
        viewers = ViewerCounts(keeper: self)
        statuses = UserStatuses(keeper: self)
        reaper = Reaper(keeper: self)
    }

    /// Whether comings, goings and typing are told to all: the cost grows with the square of the users.
    var isBroadcasting: Bool { numbers.online <= limits.broadcastUpTo }
    var isRegistered: Bool { state == .registered }
    /// WebSockets of all nodes, as far as is known: at least those that are here.
    var clusterConnections: Int { max(numbers.connections, connections) }
    private var everyone: String { core.shared.configuration.naming.channel(ChannelName.everyone.text) }

    /// Begins to keep the lease.
    func start() {
        beat()
        reaper.start()
    }

    /// Redis takes commands (again).
    func redisIsReady() {
        if state == .registered { heartbeat() } else { register() }
    }

    // MARK: Connections

    /// A WebSocket has come, whoever it belongs to.
    func didConnect() {
        connections += 1
        connectionsChanged = true
    }

    func didDisconnect() {
        connections -= 1
        connectionsChanged = true
    }

    /// A connection has authenticated as a user. `then` is called once the user is counted, or at once with the last known
    /// numbers while Redis cannot be asked.
    func join(_ user: String, then: @escaping (Admission) -> Void) {
        users[user, default: 0] += 1
        due.insert(user)
        guard core.redis.isReady, state != .away, !isPausing else { return then(lastKnown) }
        waiting[user, default: []].append(then)
    }

    /// A connection of a user is closing.
    func leave(_ user: String) {
        guard let count = users[user] else { return }
        users[user] = count > 1 ? count - 1 : nil
        if count == 1 { statuses.forget(user) }
        due.insert(user)
    }

    /// What is told where Redis cannot be asked.
    var lastKnown: Admission {
        Admission(announced: numbers.announced, version: numbers.version, connections: nil)
    }

    /// Writes what has changed since the last turn of the loop, in calls of a bounded size.
    func flush() {
        guard state == .registered, !due.isEmpty || connectionsChanged || allAreDue, core.redis.isReady, !isPausing
        else { return }
        allAreDue ? writeAll() : writeDue()
    }

    /// Redis has refused a write just now.
    private var isPausing: Bool { due.pause(at: core.loop.now) > 0 }

    private func writeDue() {
        guard !due.isEmpty || connectionsChanged else { return }
        connectionsChanged = false
        var rest = due.take(at: core.loop.now)[...]
        repeat {
            write(Array(rest.prefix(PresenceLimits.chunk)), isRepeated: false)
            rest = rest.dropFirst(PresenceLimits.chunk)
        } while !rest.isEmpty
    }

    private func write(_ batch: [String], isRepeated: Bool) {
        let waiters = batch.map { waiting.removeValue(forKey: $0) ?? [] }
        let counts = batch.map { (user: $0, connections: users[$0] ?? 0) }
        let written = incarnation
        let script = WriteCountsScript(
            counts, of: incarnation, connections: connections, isRepeated: isRepeated, limits: limits,
            everyone: everyone,
            keys: keys)
        core.redis.run(script) { [weak self] result in
            guard let self else { return }
            guard case .success(.written(let counted)) = result else {
                // Lost, or refused: it is written again, by whoever is registered next or after a pause.
                connectionsChanged = true
                if isRepeated { allAreDue = true }
                let hasAnswered = if case .success = result { true } else { false }
                if hasAnswered {
                    due.insert(isRepeated ? [] : batch)
                } else {
                    due.didFail(isRepeated ? [] : batch, at: core.loop.now, using: &random)
                }
                for waiter in waiters.joined() { waiter(lastKnown) }
                if hasAnswered { didLoseLease(of: written) }
                return
            }
            due.didSucceed()
            didHear(of: counted.version)
            numbers.announced = counted.announced
            numbers.version = counted.version
            for (total, waiters) in zip(counted.totals, waiters) {
                for waiter in waiters {
                    waiter(Admission(announced: counted.announced, version: counted.version, connections: total))
                }
            }
        }
    }

    // MARK: Lease

    private func beat() {
        core.loop.schedule(after: UInt64(limits.heartbeatMilliseconds)) { [weak self] in
            guard let self, !isClosed else { return }
            if state == .registered { heartbeat() } else { register() }
            beat()
        }
    }

    private func register() {
        guard state == .away, core.redis.isReady, !isClosed else { return }
        state = .registering
        core.subscriptions.subscribe(control: keys.control(of: incarnation))
        let script = RegisterLoopScript(
            incarnation, of: core.shared.log.node, loop: core.index, version: Version.current,
            leaseMilliseconds: limits.leaseMilliseconds, again: wasRegistered, keys: keys)
        core.redis.run(script) { [weak self] result in
            guard let self, state == .registering else { return }
            guard case .success = result else {
                state = .away
                return giveUp()
            }
            state = .registered
            wasRegistered = true
            writeAll()
            heartbeat()
        }
    }

    /// Announcements may have been missed: all clients are told the count anew, as soon as Redis can be asked.
    func tellCounts() {
        countsAreDue = true
        heartbeat()
    }

    /// Compares what is stored with what the loop has, and learns the cluster's numbers.
    private func heartbeat() {
        flush()
        let beaten = incarnation
        // Only what is asked after the cause is told: an answer under way may be older.
        let isTelling = countsAreDue
        countsAreDue = false
        let script = HeartbeatScript(
            incarnation, users: users.count, connections: connections, leaseMilliseconds: limits.leaseMilliseconds,
            keys: keys)
        core.redis.run(script) { [weak self] result in
            guard let self else { return }
            guard case .success(.registered(let counts)) = result else {
                if isTelling { countsAreDue = true }
                if case .success = result { didLoseLease(of: beaten) }
                return
            }
            didHear(of: counts.version)
            numbers = ClusterNumbers(
                online: counts.online, announced: counts.announced, version: counts.version,
                connections: counts.connections, unannounced: counts.unannounced)
            let isUnheard = told != nil && told != numbers.unannounced && isBroadcasting
            if told == nil || isUnheard { told = numbers.unannounced }
            if isTelling || isUnheard { core.tellCounts() }
            viewers.resume()
            // While Redis refuses what is written, it must differ.
            guard !isPausing else { return }
            statuses.flush()
            if !counts.isAsBelieved, beaten == incarnation { repair() }
        }
    }

    /// Where the data was lost, announcements are numbered from 1 again, and those of before are no news to anybody.
    private func didHear(of version: Int64) {
        if version < numbers.version { core.personal.forgetAnnouncements() }
    }

    /// The loop was taken out, or the data is gone: it comes back under a new name, with all it has.
    private func didLoseLease(of lost: String) {
        guard lost == incarnation, state == .registered, !isClosed else { return }
        core.counters.leasesLost += 1
        core.log.warning("presence: this loop is not registered any more", ["loop": .number(core.index)])
        core.subscriptions.unsubscribe(control: keys.control(of: incarnation))
        incarnation = Incarnation.make()
        // What was announced meanwhile went by, or was undone.
        countsAreDue = true
        state = .away
        register()
    }

    /// Writes every user again; those who came while nobody could be told come first, and are announced.
    private func writeAll() {
        allAreDue = isPausing
        guard !allAreDue else { return }
        let new = due.keys
        connectionsChanged = true
        writeDue()
        var rest = users.keys.filter { !new.contains($0) }[...]
        while !rest.isEmpty {
            write(Array(rest.prefix(PresenceLimits.chunk)), isRepeated: true)
            rest = rest.dropFirst(PresenceLimits.chunk)
        }
        viewers.repeatAll()
        statuses.repeatAll()
    }

    /// What is stored differs: users stored that the loop does not have are taken out, all others written again.
    private func repair(from cursor: String? = nil) {
        let repaired = incarnation
        core.redis.run(StoredUsersScript(incarnation, from: cursor, keys: keys)) { [weak self] result in
            guard let self, repaired == incarnation, case .success(let page) = result else { return }
            for user in page.users where users[user] == nil { due.insert(user) }
            if let next = page.next { repair(from: next) } else { writeAll() }
        }
    }

    private func giveUp() {
        let all = waiting.values.joined()
        waiting = [:]
        for waiter in all { waiter(lastKnown) }
    }

    /// Gives the lease back, with everything that was counted under it. Returns when that is done, or Redis is away.
    func stop(isolation: isolated (any Actor)? = #isolation) async {
        isClosed = true
        guard state == .registered else { return }
        state = .away
        while await reaper.takeOut(incarnation, isOwn: true) {}
    }
}
