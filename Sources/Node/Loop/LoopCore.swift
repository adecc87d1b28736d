import Access
import Base
import Development
import Dialects
import EventLoop
import Events
import Glibc
import HTTPClient
import Hub
import JSON
import RESP
import Redis
import Store
import Synchronization
import WebSocket

/// Everything one loop owns. Confined to it: nothing here is shared, so nothing is locked.
final class LoopCore {
    let index: Int
    let loop: EventLoop
    let shared: NodeShared
    let hub: Hub
    /// Redis: what is asked of it, and what is heard.
    let bus: any Bus
    let events = FrameWriter(origin: Incarnation.make())
    let personal: PersonalPath
    let subscriptions: Subscriptions
    let presence: LoopPresence
    let probe: PubSubProbe
    let standing: StandingProbe
    let reports: RedisReports
    private let evictionWarning: EvictionWarning?
    private let positionCheck: PositionCheck
    /// Nil where there are no third parties to ask.
    let inquiries: Inquiries?
    let poll: InquiryPoll?
    private let secrets: SecretsWatch?
    private let function: WorkerFunction?
    unowned let actor: NodeLoop

    let counters = LoopCounters()
    private(set) lazy var requests = makeDispatcher()
    private(set) lazy var connections = makeConnections()

    init(index: Int, loop: EventLoop, shared: NodeShared, location: RedisLocation, actor: NodeLoop) {
        self.index = index
        self.loop = loop
        self.shared = shared
        self.actor = actor
        let limits = shared.limits
        hub = Hub(limits: limits.outbox)
        let name = "fantail-\(shared.log.node)-\(index)"
        bus = RedisConnector(location).bus(loop: loop, name: name, scripts: Scripts.all)
        let (configuration, log) = (shared.configuration, shared.log)
        let naming = configuration.naming
        function =
            index == 0
            ? WorkerFunction(redis: bus, naming: naming, history: configuration.history, log: log) : nil
        evictionWarning = index == 0 ? EvictionWarning(redis: bus, log: log) : nil
        reports = RedisReports(loop: index, log: log, tally: counters.redis)
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
        let reporter = EventReporter(tally: tally, log: log)
        let resources = ChannelResources(following)
        personal = PersonalPath(
            hub: hub, frames: events, reader: resources.reader, reporter: reporter, naming: naming, tally: tally)
        probe = PubSubProbe(
            index: index, loop: loop, bus: bus, log: log, everyMilliseconds: configuration.probeMilliseconds)
        subscriptions = Subscriptions(
            loop: loop, hub: hub, bus: bus, frames: events, reporter: reporter, resources: resources,
            personal: personal, store: store, probe: probe, naming: naming, limits: following, log: log, tally: tally)
        positionCheck = PositionCheck(
            loop: loop, hub: hub, store: store, subscriptions: subscriptions,
            everyMilliseconds: configuration.positionCheckMilliseconds)
    }

    var limits: NodeLimits { shared.limits }
    var log: Log { shared.log }

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
            connections.flush()
            presence.flush()
        }
        wirePresence()
        presence.start()
        probe.start()
        standing.start()
        positionCheck.start()
        function?.start(on: loop, everyMilliseconds: UInt64(presence.limits.heartbeatMilliseconds))
        if index == 0, shared.configuration.sharesSecret, let secret = shared.configuration.jwtSecret {
            DevelopmentSecret.keep(secret, in: bus, naming: shared.configuration.naming, on: loop)
        }
    }

    private func wirePresence() {
        presence.onSubscribe = { [unowned self] in subscriptions.subscribe(control: $0) }
        presence.onUnsubscribe = { [unowned self] in subscriptions.unsubscribe(control: $0) }
        presence.onCount = { [unowned self] in connections.tellCounts() }
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
}
