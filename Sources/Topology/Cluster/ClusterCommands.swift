import Cluster
import EventLoop
import RESP
import Redis

/// The commands of a loop to a Redis Cluster: each goes to the master of its key, and follows redirections.
/// Loop-confined.
///
/// Commands of a moving slot take a few steps more. Commands of a slot without a master fail after a second; all other
/// slots go on.
final class ClusterCommands: CommandBus {
    var onEvent: ((RedisEvent, RedisRole) -> Void)?
    var onReply: ((UInt64) -> Void)? {
        didSet { masterConnections.onReply = onReply }
    }

    let loop: EventLoop
    let masterConnections: MasterConnections
    var map: SlotMap?
    /// The queues of the slots with pending commands.
    var queues: [HashSlot: SlotQueue<ClusterCall>] = [:]
    /// Hears about the map and about open slots.
    weak var observer: (any ClusterObserver)?
    /// Slots whose commands wait for a new map, once for each command.
    var slotsWithoutMap: [HashSlot] = []

    private let seeds: [Address]
    private let survey: ClusterSurvey
    private var refresh: MapRefresh
    private var refreshTimer: Timer?
    private var order = SurveyOrder()
    private var ticker: Timer?
    private var waiters: [(Result<Void, RedisFailure>) -> Void] = []
    private var lastFailure = RedisFailure.ended("not connected yet")
    private(set) var isClosed = false
    /// Commands that are not on the wire: for their slot, or for the first attempt to connect to their master.
    var waiting = WaitingCommands()
    /// Ticks until the cluster is asked for masters without slots.
    private var ticksToNewcomers = 0
    /// Whether ``onEvent`` has reported the cluster as connected.
    private var wasReady = false

    /// The time between two checks for connections that are silent, or not needed any more.
    private static let tickMilliseconds: UInt64 = 1_000
    /// Ticks between two questions for masters without slots: whoever adds one gives it slots a little later.
    private static let newcomerTicks = 2

    /// Commands to the cluster of the servers at `seeds`, not started yet. `connect` returns a connection with all
    /// scripts, `visit` a connection that only reads, also to a replica.
    init(
        loop: EventLoop, seeds: [Address], connect: @escaping (Address) -> CommandConnection,
        visit: @escaping (Address) -> CommandConnection
    ) {
        self.loop = loop
        self.seeds = seeds
        masterConnections = MasterConnections(connect)
        survey = ClusterSurvey(loop: loop, connect: visit)
        refresh = MapRefresh(at: loop.now)
    }

    func start() {
        masterConnections.onEvent = { [unowned self] address, event in receive(event, address) }
        survey.onFailure = { [unowned self] address, failure in reportUnasked(address, failure) }
        ticker = loop.every(milliseconds: Self.tickMilliseconds) { [weak self] in self?.tick() }
        ask()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        for timer in [ticker, refreshTimer] { timer?.cancel() }
        survey.close()
        map = nil
        for slot in queues.keys { failWaiting(of: slot, .closed) }
        masterConnections.close()
        settleWaiters(.failure(.ended("closed")))
    }

    // MARK: State

    var isReady: Bool { wasReady && !masterConnections.ready.isEmpty }
    var isSpread: Bool { true }
    var whyNotReady: RedisError { isClosed ? .closed : .notReady }
    var pendingCount: Int {
        masterConnections.pendingCount + waiting.count
    }
    var masters: [any CommandBus] { masterConnections.ready.map(\.connection) }
    var newcomers: [any CommandBus] { masterConnections.readyNewcomers }

    /// The masters that are away, and how many slots have none.
    var absentShards: [AbsentShard] {
        guard let map else { return [] }
        let orphans = map.orphanCount
        let away = masterConnections.away.map { AbsentShard(name: "\($0.address)", reason: "\($0.failure)") }
        return orphans == 0 ? away : away + [AbsentShard(name: "\(orphans) slots", reason: "they have no master")]
    }

    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void) {
        if isReady { return completion(.success(())) }
        if isClosed { return completion(.failure(.ended("closed"))) }
        waiters.append(completion)
    }

    private func settleWaiters(_ result: Result<Void, RedisFailure>) {
        let settled = waiters
        waiters = []
        for waiter in settled { waiter(result) }
    }
}

@available(*, unavailable)
extension ClusterCommands: Sendable {}

// MARK: The map

extension ClusterCommands {
    /// The map may be out of date.
    func doubtMap() {
        guard !isClosed else { return }
        refresh(.doubted)
    }

    /// The server at `place` shows that a slot has moved, or that the map may be out of date.
    func learn(_ redirection: Redirection, from place: Address?) {
        if case .moved(let slot, let target?) = redirection, map?.masters.contains(target) == true {
            map?.move(slot, to: target)
            observer?.slotDidMove(slot)
        }
        if redirection.doubtsMap { doubtMap(by: redirection, from: place) }
    }

    /// The server at `place` shows that the map may be out of date.
    func doubtMap(by redirection: Redirection, from place: Address?) {
        if let place { order.receive(redirection, from: place) }
        doubtMap()
    }

    private func refresh(_ event: MapRefresh.Event) {
        switch refresh.receive(event, at: loop.now) {
        case nil: break
        case .ask: ask()
        case .wait(let milliseconds):
            refreshTimer?.cancel()
            refreshTimer = loop.schedule(after: milliseconds) { [weak self] in self?.refresh(.due) }
        }
    }

    private func ask() {
        let ready = Dictionary(uniqueKeysWithValues: masterConnections.ready.map { ($0.address, $0.connection) })
        let others = (map.map { $0.masters + $0.replicas } ?? []).shuffled() + seeds
        let places = order.take(ready.keys.shuffled() + others).map { address in
            ready[address].map { ClusterSurvey.Place.connected(address, $0) } ?? .address(address)
        }
        survey.begin(places) { [weak self] in self?.didAsk($0) }
    }

    private func didAsk(_ result: Result<SlotMap, RedisFailure>) {
        switch result {
        case .success(let map):
            let lost = Set(masterConnections.away.map(\.address))
            let heirs = self.map.map { map.heirs(since: $0, lost: lost) } ?? []
            let changes = map.changes(since: self.map)
            self.map = map
            masterConnections.keep(map.masters)
            refresh(.answered(isWhole: map.orphanCount == 0 && masterConnections.away.isEmpty))
            if map.masters.isEmpty { lastFailure = .unavailable(.slotless) }
            reportHeirs(heirs)
            observer?.mapDidChange(of: changes)
        case .failure(let failure):
            lastFailure = failure
            refresh(.failed)
            if map == nil { fail(failure) }
        }
        settle()
        resumeWaitingForMap()
    }

    private func tick() {
        masterConnections.closeIdle()
        askForNewcomers()
        if masterConnections.isAnySilent(for: Self.tickMilliseconds) || !masterConnections.away.isEmpty { doubtMap() }
    }
}

// MARK: Events

extension ClusterCommands {
    private func receive(_ event: RedisEvent, _ address: Address) {
        onEvent?(event, .part(.master(address)))
        switch event {
        case .lost(let failure), .failed(let failure), .refused(let failure):
            guard !masterConnections.isNewcomer(address) else { break }
            lastFailure = failure
            doubtMap()
        case .connected, .declined, .tookOver, .retrying: break
        }
        settle()
    }

    /// Masters have slots that no master served: commands that failed until now succeed. The connections of these masters
    /// stay as they are; a new one reports itself.
    private func reportHeirs(_ heirs: Set<Address>) {
        for (address, _) in masterConnections.ready where heirs.contains(address) {
            onEvent?(.tookOver, .part(.master(address)))
        }
    }

    /// Asks one master which others have no slots. An error says nothing: a node may lack the right, and does without.
    private func askForNewcomers() {
        ticksToNewcomers -= 1
        guard ticksToNewcomers <= 0, let (address, connection) = masterConnections.ready.randomElement() else { return }
        ticksToNewcomers = Self.newcomerTicks
        connection.send(RedisCommand("CLUSTER", "NODES")) { [weak self] result in
            guard let self, let map, case .success(let reply) = result else { return }
            masterConnections.welcome(Newcomers.read(reply, askedAt: address, masters: map.masters))
        }
    }

    private func reportUnasked(_ address: Address, _ failure: RedisFailure) {
        // The connections to the masters report their own events.
        guard map == nil else { return }
        onEvent?(RedisEvent(failure, wasReady: false), .part(.master(address)))
    }

    /// Reports the cluster as connected once every master had an attempt, or as lost where no master takes commands.
    private func settle() {
        guard map != nil, masterConnections.areSettled else { return }
        guard let server = masterConnections.ready.first?.connection.server else {
            if wasReady {
                wasReady = false
                onEvent?(.lost(lastFailure), .commands)
            } else {
                fail(lastFailure)
            }
            return
        }
        guard !wasReady else { return }
        wasReady = true
        settleWaiters(.success(()))
        onEvent?(.connected(server), .commands)
    }

    /// Reports that the current attempt has failed.
    private func fail(_ failure: RedisFailure) {
        settleWaiters(.failure(failure))
        onEvent?(RedisEvent(failure, wasReady: false), .commands)
    }
}

extension RedisReplyError {
    /// The error for a cluster without slots, in the form of a Redis error.
    static let slotless = RedisReplyError(code: "CLUSTERDOWN", message: "no master has slots yet")
    /// The error of Redis for a slot without a master.
    static let notServed = RedisReplyError(code: "CLUSTERDOWN", message: "Hash slot not served")
}
