import Access
import Base
import Events
import Dialects
import EventLoop
import Glibc
import HTTPClient
import Hub
import JSON
import Store
import RESP
import Redis
import Synchronization
import WebSocket

/// Everything one loop owns. Confined to it: nothing here is shared, so nothing is locked.
final class LoopCore {
    /// Bytes read from a client at a time.
    static let readBytes = 16 * 1024
    /// Frames handed to the kernel at a time: IOV_MAX of Linux.
    static let vectorLength = 1024
    /// Ticks of the heartbeat ring in an interval, at most; one each second by default.
    static let maxHeartbeatTicks = 30

    let index: Int
    let loop: EventLoop
    let shared: NodeShared
    let hub: Hub
    /// Redis: what is asked of it, and what is heard.
    let bus: any Bus
    let vector = UnsafeMutableBufferPointer<iovec>.allocate(capacity: vectorLength)
    let parser: JSONParser
    let inflater = Inflater()
    let events: EventPath
    let personal: PersonalPath
    let subscriptions: Subscriptions
    let presence: LoopPresence
    let probe: PubSubProbe
    let standing: StandingProbe
    private let evictionWarning: EvictionWarning?
    private let positionCheck: PositionCheck
    /// Nil where there are no third parties to ask.
    let inquiries: Inquiries?
    let poll: InquiryPoll?
    private let secrets: SecretsWatch?
    private let function: WorkerFunction?
    unowned let actor: NodeLoop

    let counters = LoopCounters()
    private var handshakes = PendingHandshakes()
    /// Lines about refused clients that may still be written.
    var refusalLines: TokenBucket
    /// Redis' last word on each of the loop's two connections was that it does not let it in.
    var refusalsByRedis = RedisCounters.Pair()
    private var isBatching = false
    private(set) var connections: ConnectionTable
    private var heartbeats: HeartbeatRing<Connection>
    private let heartbeatTicks: Int

    init(index: Int, loop: EventLoop, shared: NodeShared, endpoint: RedisEndpoint, actor: NodeLoop) {
        self.index = index
        self.loop = loop
        self.shared = shared
        self.actor = actor
        let limits = shared.limits
        hub = Hub(limits: limits.outbox)
        parser = JSONParser(maxBytes: limits.webSocket.maxMessageBytes, maxDepth: limits.jsonDepth)
        connections = ConnectionTable(loopIndex: index)
        refusalLines = TokenBucket(burst: limits.refusalLineBurst, now: loop.now)
        heartbeatTicks = max(1, min(Self.maxHeartbeatTicks, shared.configuration.heartbeatMilliseconds / 100))
        heartbeats = HeartbeatRing(ticks: heartbeatTicks, seat: \.heartbeatSeat)
        let name = "fantail-\(shared.log.node)-\(index)"
        bus = RedisConnector(endpoint).bus(loop: loop, name: name, scripts: Scripts.all)
        let (configuration, log) = (shared.configuration, shared.log)
        let naming = configuration.naming
        function =
            index == 0
            ? WorkerFunction(redis: bus, naming: naming, history: configuration.history, log: log) : nil
        evictionWarning = index == 0 ? EvictionWarning(redis: bus, log: log) : nil
        standing = StandingProbe(
            loop: loop, redis: bus, commands: NeededRights(naming).commands,
            periodMilliseconds: configuration.presence.heartbeatMilliseconds, troubled: shared.troubledLoops, log: log)
        presence = LoopPresence(
            loop: loop, redis: bus, hub: hub, naming: naming, limits: configuration.presence,
            place: LoopPresence.Place(node: log.node, loop: index, version: Version.current), log: log,
            tally: counters.online)
        inquiries = shared.upstream.map { [loop, bus, tally = counters.asking] client in
            let parser = JSONParser(maxBytes: UpstreamLimits().answerBytes, maxDepth: limits.jsonDepth)
            return Inquiries(
                loop: loop, redis: bus, client: client, naming: naming, history: configuration.history,
                rules: InquiryRules(limits: limits.inquiries, upstreams: configuration.upstreams, parser: parser),
                log: log, tally: tally)
        }
        poll = (index == 0 ? inquiries : nil).map { [loop, bus] in
            InquiryPoll(loop: loop, redis: bus, naming: naming, inquiries: $0)
        }
        secrets =
            index == 0
            ? SecretsWatch(loop: loop, redis: bus, naming: naming, limits: limits.inquiries, poll: poll) : nil
        let following = FollowingLimits(limits, configuration)
        let tally = counters.following
        let store = ChannelStore(redis: bus, naming: naming, tally: tally)
        events = EventPath(hub: hub, limits: following, tally: tally, log: log)
        personal = PersonalPath(hub: hub, events: events, naming: naming, tally: tally)
        probe = PubSubProbe(loop: loop, store: store, everyMilliseconds: configuration.probeMilliseconds)
        subscriptions = Subscriptions(
            index: index, loop: loop, hub: hub, events: events, personal: personal, store: store, probe: probe,
            bus: bus, naming: naming, limits: following, log: log, tally: tally)
        positionCheck = PositionCheck(
            loop: loop, hub: hub, store: store, subscriptions: subscriptions,
            everyMilliseconds: configuration.positionCheckMilliseconds)
    }

    deinit { vector.deallocate() }

    /// The commands of ``bus``, for whoever has not moved to it yet.
    var redis: any Bus { bus }
    var limits: NodeLimits { shared.limits }
    var log: Log { shared.log }
    /// The most WebSockets of one user; nil for any number.
    var connectionsPerUser: Int? {
        let configuration = shared.configuration
        return configuration.connectionsPerUser ?? (configuration.isDevelopment ? nil : limits.connectionsPerUser)
    }

    /// Begins to connect to Redis, and to beat.
    func start() {
        bus.handler = subscriptions
        bus.onEvent = { [unowned self] event, role in note(event, role) }
        bus.onReply = { [unowned self] in counters.commandMicroseconds.record($0) }
        wireFollowing()
        bus.start()
        poll?.start()
        secrets?.start()
        loop.beforeSleep { [unowned self] in
            hub.flush()
            presence.flush()
            if hub.hasBatches, !isBatching { sendBatches() }
        }
        wirePresence()
        presence.start()
        probe.start()
        standing.start()
        positionCheck.start()
        function?.start(on: loop, everyMilliseconds: UInt64(presence.limits.heartbeatMilliseconds))
        if index == 0, shared.configuration.sharesSecret, let secret = shared.configuration.jwtSecret {
            DevelopmentSecret.keep(secret, in: redis, naming: shared.configuration.naming, on: loop)
        }
        beat()
    }

    private func wirePresence() {
        presence.onSubscribe = { [unowned self] in subscriptions.subscribe(control: $0) }
        presence.onUnsubscribe = { [unowned self] in subscriptions.unsubscribe(control: $0) }
        presence.onCount = { [unowned self] in tellCounts() }
        presence.onNumberingAnew = { [unowned self] in personal.forgetAnnouncements() }
    }

    /// Whether Redis can be asked and heard.
    var isConnected: Bool { bus.isReady && bus.isListening }

    func redisIsReady() {
        standing.receive(.connected)
        function?.redisIsReady()
        evictionWarning?.redisIsReady()
        subscriptions.redisIsReady()
        presence.redisIsReady()
        probe.redisIsReady()
    }

    /// Begins to let go of everything, so that the loop can end.
    func close() {
        poll?.stop()
        secrets?.stop()
        bus.close()
    }

    // MARK: Connections

    /// A client has connected. Operators are neither counted nor kept out: they come when it is full.
    func accept(_ stream: Stream, door: Door) {
        counters.accepted += 1
        if door != .operators {
            guard hasRoom else {
                refused(.full, id: connections.makeID(), peer: stream.peer, "closed unheard")
                return stream.close()
            }
            shared.connectionCount.add(1, ordering: .relaxed)
        }
        let connection = Connection(id: connections.makeID(), stream: stream, core: self, door: door)
        connections.insert(connection)
        connection.start()
    }

    /// Whether another connection can be taken, and be it to be told that the node is full.
    private var hasRoom: Bool {
        shared.connectionCount.load(ordering: .relaxed) < limits.connections + limits.connectionsToRefuse
    }

    /// How many connections have no complete request head yet.
    var pendingHandshakes: Int { handshakes.count }

    /// A connection has nothing said yet. Where there are too many such, the oldest makes way: of the same client, on this
    /// loop (so that each loop may keep one above the bound), or of all.
    func beginHandshake(of connection: Connection) {
        guard connection.door != .operators else { return }
        let block = connection.clientBlock
        handshakes.insert(connection.id, of: block)
        let most = shared.configuration.handshakesPerAddress
        if let block, shared.holdHandshake(of: block) > most, let oldest = handshakes.oldest(of: block) {
            makeWay(oldest, for: connection, .addressHandshakes, "its address has \(most) connections that say nothing")
        }
        if handshakes.count > limits.pendingHandshakes, let oldest = handshakes.oldest {
            makeWay(oldest, for: connection, .handshakes, "too many connections say nothing")
        }
    }

    /// Its request head is whole, or it has ended.
    func endHandshake(of connection: Connection) {
        if let block = handshakes.remove(connection.id) { shared.endHandshake(of: block) }
    }

    private func makeWay(_ id: ConnectionID, for newcomer: Connection, _ reason: RefusalReason, _ message: String) {
        guard id != newcomer.id, let connection = connections[id] else { return }
        refused(reason, connection, message)
        connection.http?.makeWay()
    }

    /// A connection speaks WebSocket now: it is to be kept alive.
    func didUpgrade(_ connection: Connection) {
        heartbeats.insert(connection)
        countSession(of: connection, 1)
        presence.didConnect()
    }

    func connectionDidEnd(_ connection: Connection) {
        if connection.heartbeatSeat.isTaken {
            heartbeats.remove(connection)
            countSession(of: connection, -1)
            presence.didDisconnect()
        }
        subscriptions.leaveAll(connection)
        _ = hub.remove(connection.subscriber)
        connections.remove(connection)
        if connection.door != .operators { shared.connectionCount.subtract(1, ordering: .relaxed) }
    }

    private func countSession(of connection: Connection, _ change: Int) {
        guard case .dialect(let name)? = connection.subscriber.shape?.form else { return }
        counters.sessions[name] += change
        if change > 0 { counters.upgrades[name] += change }
    }

    /// Closes every WebSocket and event stream of a user.
    func closeConnections(of user: String) {
        for connection in Array(connections.all) {
            if connection.webSocket?.session.user == user {
                connection.webSocket?.close(.policyViolation, reason: "closed by an administrator")
            } else if connection.eventStream?.user == user {
                connection.eventStream?.close()
            }
        }
    }

    /// Tells every client of `presence` how many are online now.
    func tellCounts() {
        for connection in Array(connections.all) { connection.webSocket?.session.tellCount() }
    }

    // MARK: Heartbeats

    private func beat() {
        loop.schedule(after: UInt64(max(1, shared.configuration.heartbeatMilliseconds / heartbeatTicks))) {
            [weak self] in
            guard let self else { return }
            let heartbeat = Heartbeat(core: self)
            for connection in heartbeats.advance() { connection.webSocket?.beat(heartbeat) }
            beat()
        }
    }

    /// Sends what waits for viewers that take several messages as one.
    private func sendBatches() {
        isBatching = true
        loop.schedule(after: limits.batchMilliseconds) { [weak self] in
            self?.isBatching = false
            self?.hub.flushBatches()
        }
    }

    // MARK: Stopping

    /// Closes every connection, spread over `milliseconds`, so that the clients do not all come back in one second.
    func drain(over milliseconds: UInt64) {
        let all = Array(connections.all)
        for (place, connection) in all.enumerated() {
            let delay = milliseconds * UInt64(place) / UInt64(max(1, all.count))
            loop.schedule(after: delay) { [weak connection] in connection?.drain() }
        }
    }
}

extension CommandBus {
    /// The run id of the one Redis, for whoever does not say yet which key it writes.
    var runID: String? { runID(for: "") }
}
