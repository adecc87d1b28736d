package import EventLoop
package import Redis
package import Store
package import Telemetry

/// How one loop stands with Redis: whether Redis lets it in and does what it needs. It sees to the Function of the workers whenever
/// it connects, to a new master of a cluster too; the first loop of a node also does so all the time, and warns of a Redis that
/// throws keys away.
package final class LoopStanding {
    private let reports: RedisReports
    private let probe: StandingProbe
    private let function: WorkerFunction
    private let isFirst: Bool
    private let evictionWarning: EvictionWarning?

    /// `index` is the number of the loop in its node, `troubled` what all loops of the node share. Redis is asked every
    /// `periodMilliseconds`.
    package init(
        index: Int, loop: EventLoop, bus: any CommandBus, naming: Naming, history: HistoryLimits,
        periodMilliseconds: Int, troubled: TroubledLoops, log: Log, tally: Tally<RedisCounters>
    ) {
        reports = RedisReports(loop: index, log: log, tally: tally)
        probe = StandingProbe(
            loop: loop, redis: bus, commands: NeededRights(naming).commands, periodMilliseconds: periodMilliseconds,
            troubled: troubled, log: log)
        isFirst = index == 0
        function = WorkerFunction(
            loop: loop, redis: bus, naming: naming, history: history, periodMilliseconds: periodMilliseconds, log: log)
        evictionWarning = isFirst ? EvictionWarning(redis: bus, log: log) : nil
    }

    /// What is wrong; nil where nothing is, or nothing is known.
    package var trouble: RedisStanding.Trouble? { probe.trouble }
    /// Whether Redis is known to do what is needed.
    package var isGood: Bool { probe.isGood }
    /// Whether Redis does not let the loop in.
    package var isRefused: Bool { reports.isRefused }

    /// Begins to ask.
    package func start() {
        probe.start()
        if isFirst { function.start() }
    }

    /// Something has happened to a connection to Redis.
    package func receive(_ event: RedisEvent, _ role: RedisRole) {
        reports.receive(event, role)
        guard role == .commands else { return }
        if event.isConnection {
            function.redisIsReady()
            evictionWarning?.redisIsReady()
        }
        switch event {
        case .connected: probe.receive(.connected)
        case .lost(let failure), .failed(let failure), .refused(let failure): probe.receive(.gone(failure))
        case .declined, .shard(_, .declined): probe.receive(.doubt)
        case .retrying, .shard: break
        }
    }
}
