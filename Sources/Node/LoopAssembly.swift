import Topology
import RESP
import Access
import Asking
import Base
import Connections
import Development
import EventLoop
import Following
import Hub
import Listing
import Online
import REST
import Redis
import Serving
import Sessions
import Settings
import Standing
import Store
import Telemetry

/// Makes the parts of one loop, each with the parts, bounds and settings that it needs.
struct LoopAssembly {
    /// The number of the loop in its node.
    let index: Int
    let loop: EventLoop
    let shared: NodeShared
    let bus: any Bus
    let hub: Hub
    let counters = LoopCounters()
    let frames = FrameWriter(origin: Incarnation.make())
    private let activity: SampledLog

    init(index: Int, loop: EventLoop, shared: NodeShared, redis location: RedisLocation) {
        (self.index, self.loop, self.shared) = (index, loop, shared)
        hub = Hub(limits: shared.limits.outbox)
        activity = SampledLog(shared.log, limits: shared.limits, tally: counters.serving) { loop.now }
        let naming = shared.configuration.naming
        bus = RedisConnector(location, pubSub: shared.configuration.redisPubSub).bus(
            loop: loop, name: "fantail-\(shared.log.node)-\(index)", scripts: Scripts.all,
            sharded: ShardedChannels(isSharded: naming.carriesEvents, proof: naming.proofChannels()))
    }

    var naming: Naming { configuration.naming }
    private var configuration: Configuration { shared.configuration }
    private var limits: NodeLimits { shared.limits }
    private var log: Log { shared.log }

    // MARK: Redis

    func standing() -> LoopStanding {
        LoopStanding(
            index: index, loop: loop, bus: bus, naming: naming, history: configuration.history,
            pubSub: configuration.redisPubSub, periodMilliseconds: configuration.presence.heartbeatMilliseconds,
            troubled: shared.troubledLoops, log: log, tally: counters.redis)
    }

    func asking() -> LoopAsking {
        let rules = LoopAsking.Rules(
            upstreams: configuration.upstreams, limits: limits.inquiries, history: configuration.history,
            jsonDepth: limits.jsonDepth)
        return LoopAsking(
            isFirst: index == 0, loop: loop, bus: bus, client: shared.upstream, naming: naming, rules: rules, log: log,
            activity: activity, tally: counters.asking)
    }

    /// The node's first loop keeps the list of tasks, where no other node does.
    func listKeeper() -> ListKeeper? {
        guard index == 0 else { return nil }
        return ListKeeper(
            loop: loop, redis: bus, naming: naming, limits: limits.list, name: Incarnation.make(), log: log)
    }

    func following(inquirer: (any Inquirer)?) -> LoopFollowing {
        LoopFollowing(
            index: index, loop: loop, bus: bus, hub: hub, frames: frames, naming: naming,
            limits: FollowingLimits(limits, configuration), inquirer: inquirer, log: log, tally: counters.following)
    }

    func presence() -> LoopPresence {
        LoopPresence(
            loop: loop, redis: bus, hub: hub, naming: naming, limits: configuration.presence,
            place: LoopPresence.Place(node: log.node, loop: index, version: Version.current), log: log,
            tally: counters.online)
    }

    /// The first development node of a machine keeps the secret of development tokens in Redis for the others.
    func keepDevelopmentSecret() {
        guard index == 0, configuration.sharesSecret, let secret = configuration.jwtSecret else { return }
        DevelopmentSecret.keep(secret, in: bus, naming: naming, on: loop)
    }

    // MARK: Clients

    /// The table of REST, with the check of its callers.
    func dispatcher(_ following: LoopFollowing) -> RequestDispatcher {
        let table = RouteTable.all(
            bus: bus, reader: following.store, node: shared,
            configuration: configuration, limits: limits, now: { WallClock.now },
            closing: { ControlMessage.close(user: $0).text })
        return RequestDispatcher(table, authenticator: shared.authenticator, node: shared) { WallClock.now }
    }

    /// What the loop's requests share.
    func requests(
        _ following: LoopFollowing, _ presence: LoopPresence, _ dispatcher: RequestDispatcher,
        _ answer: @escaping (Request, ConnectionID) -> Void
    ) -> RequestServices {
        let clients = ClientLog(loop: loop, limits: limits, tally: counters.serving, log: log)
        return RequestServices(
            dispatcher: dispatcher, sessions: sessions(viewers(following, clients), following, presence),
            engine: EngineDirectory(node: log.node, loop: index),
            handOver: HandOver(of: shared.clients) { [shared] in shared.everyLoop },
            origins: shared.origins, node: shared.clients, answer: answer)
    }

    func connections(_ requests: RequestServices) -> LoopConnections {
        let connections = LoopConnections(
            loopIndex: index, loop: loop, hub: hub, limits: limits, configuration: configuration, node: shared.clients,
            tally: counters.serving, clients: requests.clients
        ) { HTTPConversation(connection: $0, services: requests) }
        connections.start { requests.sessions.makeHeartbeat() }
        return connections
    }

    private func viewers(_ following: LoopFollowing, _ clients: ClientLog) -> ViewerServices {
        ViewerServices(
            loop: loop, limits: limits, watch: configuration.watch, following: following.subscriptions,
            tally: counters.serving, clients: clients, activity: activity,
            isConnected: { [bus] in bus.isReady && bus.isListening })
    }

    private func sessions(
        _ viewers: ViewerServices, _ following: LoopFollowing, _ presence: LoopPresence
    ) -> SessionServices {
        let store = AcknowledgementStore(
            redis: bus, naming: naming, origin: frames.origin, most: limits.pendingAcknowledgements,
            seconds: limits.acknowledgementSeconds)
        let rules = SessionServices.Rules(configuration, limits, startedAt: shared.startedAt)
        return SessionServices(
            viewers: viewers, rules: rules, authenticator: shared.authenticator, presence: presence,
            announcements: following.personal, frames: frames, acknowledgements: store)
    }
}

/// REST reads tasks through the same object as the loop's viewers.
extension ChannelStore: TaskReader {}
