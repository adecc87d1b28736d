package import EventLoop
package import RESP
package import Redis
package import Store
package import Telemetry

/// A loop's standing with Redis: whether Redis accepts its login and does what it needs. Each loop loads the workers'
/// Function where it connects: it may be the first to find a new server. The first loop of a node also checks the
/// Function at every heartbeat, and warns of a Redis that evicts keys.
package final class LoopStanding {
    private let reports: RedisReports
    private let probe: StandingProbe
    private let function: WorkerFunction
    private let isFirst: Bool
    private let evictionWarning: EvictionWarning?

    /// `index` is the loop's number in its node, `troubled` is shared by all loops of the node. The loop asks Redis
    /// every `periodMilliseconds`.
    package init(
        index: Int, loop: EventLoop, bus: any CommandBus, naming: Naming, history: HistoryLimits,
        pubSub: ClusterPubSub, periodMilliseconds: Int, troubled: TroubledLoops, log: Log, tally: Tally<RedisCounters>
    ) {
        reports = RedisReports(loop: index, log: log, tally: tally)
        probe = StandingProbe(
            loop: loop, redis: bus, rights: NeededRights(naming), pubSub: pubSub,
            periodMilliseconds: periodMilliseconds, troubled: troubled, log: log)
        isFirst = index == 0
        function = WorkerFunction(
            loop: loop, redis: bus, naming: naming, history: history, pubSub: pubSub,
            periodMilliseconds: periodMilliseconds, log: log, isReporting: isFirst)
        evictionWarning = isFirst ? EvictionWarning(redis: bus, log: log) : nil
    }

    /// What is wrong; nil where nothing is, or nothing is known.
    package var trouble: RedisStanding.Trouble? { probe.trouble }
    /// Whether Redis is known to do what the loop needs.
    package var isGood: Bool { probe.isGood }
    /// Whether Redis refuses the loop's login.
    package var isRefused: Bool { reports.isRefused }

    /// Starts to ask.
    package func start() {
        probe.start()
        if isFirst { function.start() }
    }

    /// An event of a connection to Redis.
    package func receive(_ event: RedisEvent, _ role: RedisRole) {
        reports.receive(event, role)
        guard role.takesCommands else { return }
        if event.bringsKeysBack { redisIsReady() }
        if case .declined = event { probe.receive(.doubt) }
        guard role == .commands else { return }
        switch event {
        case .connected(let server):
            probe.isCluster = server.isCluster
            probe.receive(.connected)
        case .lost(let failure), .failed(let failure), .refused(let failure): probe.receive(.gone(failure))
        case .declined, .tookOver, .retrying: break
        }
    }

    /// Redis, or one of its servers, takes commands (again).
    private func redisIsReady() {
        function.redisIsReady()
        evictionWarning?.redisIsReady()
    }
}
