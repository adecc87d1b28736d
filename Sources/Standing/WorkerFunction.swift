package import EventLoop
package import RESP
package import Redis
package import Store
package import Telemetry

/// Keeps the workers' Function in every Redis that takes writes, as ``FunctionLoading`` decides for each. A replica has
/// what its master has.
///
/// Every node checks with each heartbeat, since an operator may have flushed the Functions.
package final class WorkerFunction {
    private let loop: EventLoop
    private let periodMilliseconds: UInt64
    private let redis: any CommandBus
    private let function: PublishFunction
    private let rights: NeededRights
    private let pubSub: ClusterPubSub
    private let naming: Naming
    private let log: Log
    /// Whether the loop logs errors; all loops of a node would find the same.
    private let isReporting: Bool
    private var loadings: [ObjectIdentifier: FunctionLoading] = [:]

    /// The node asks Redis every `periodMilliseconds`. `pubSub`: how the Function publishes in a cluster.
    package init(
        loop: EventLoop, redis: any CommandBus, naming: Naming, history: HistoryLimits, pubSub: ClusterPubSub,
        periodMilliseconds: Int, log: Log, isReporting: Bool
    ) {
        self.loop = loop
        self.periodMilliseconds = UInt64(periodMilliseconds)
        self.redis = redis
        self.log = log
        function = PublishFunction(naming: naming, limits: history, pubSub: pubSub)
        rights = NeededRights(naming)
        self.pubSub = pubSub
        self.naming = naming
        self.isReporting = isReporting
    }

    /// Starts to check at intervals.
    package func start() {
        loop.every(milliseconds: periodMilliseconds) { [weak self] in
            guard let self, redis.isReady else { return }
            look(isConnecting: false)
        }
    }

    /// Redis takes commands (again).
    package func redisIsReady() { look(isConnecting: true) }

    private func look(isConnecting: Bool) {
        let masters = redis.masters + redis.newcomers
        let present = Set(masters.map { ObjectIdentifier($0) })
        loadings = loadings.filter { present.contains($0.key) }
        for master in masters { receive(.due(isConnecting: isConnecting), from: master) }
    }

    private func receive(_ event: FunctionLoading.Event, from master: any CommandBus) {
        let new = FunctionLoading(function, needsRights: redis.isSpread && pubSub.isSharded)
        for action in loadings[ObjectIdentifier(master), default: new].receive(event) {
            switch action {
            case .ask: send(question(of: master), to: master) { .found(version: $0.version) }
            case .askForRights: askForRights(at: master)
            case .load(let replacing):
                send(FunctionLoad(function, replacing: replacing), to: master) { $0 == .loaded ? .loaded : .nameTaken }
            case .sayLoaded:
                log.info(
                    "loaded the Redis Function",
                    ["library": .text(function.library), "redis": .text(Self.name(of: master))])
            case .sayRefused(let error):
                warn("could not load the Redis Function; the workers' FCALL may fail", "\(error)", master)
            case .sayLacking(let rights, let isLeaving):
                warn(
                    isLeaving
                        ? "the Redis Function is left as it is"
                        : "the node does not load the Redis Function; the workers' FCALL fails",
                    "NOPERM \(NeededRights.summary(rights))", master)
            }
        }
    }

    private func warn(_ text: String, _ reason: String, _ master: any CommandBus) {
        guard isReporting else { return }
        log.warning(
            text,
            [
                "library": .text(function.library), "redis": .text(Self.name(of: master)),
                "reason": .text(reason),
            ])
    }

    private func askForRights(at master: any CommandBus) {
        let question = RightsScript(rights.toPublish(by: pubSub))
        answer(of: master, { .mayNot($0) }, to: { master.run(question, $0) })
    }

    /// Asks for the version. Of several masters each hears the run ids of all: it may go on with their numbers in a slot
    /// that it takes over.
    private func question(of master: any CommandBus) -> FunctionVersion {
        let runIDs = master.runIDs
        return FunctionVersion(naming, masters: runIDs.count > 1 ? runIDs : [])
    }

    private static func name(of master: any CommandBus) -> String { master.address.map { "\($0)" } ?? "" }

    private func send<Request: CommandRequest>(
        _ request: Request, to master: any CommandBus, _ event: @escaping (Request.Reply) -> FunctionLoading.Event
    ) {
        answer(of: master, event, to: { master.send(request, $0) })
    }

    private func answer<Reply>(
        of master: any CommandBus, _ event: @escaping (Reply) -> FunctionLoading.Event,
        to ask: (@escaping (Result<Reply, RedisError>) -> Void) -> Void
    ) {
        let id = ObjectIdentifier(master)
        ask { [weak self, weak master] result in
            guard let self else { return }
            // Without its master the state would wait for ever, and the next master may have the same id.
            guard let master else { return loadings[id] = nil }
            switch result {
            case .success(let reply): receive(event(reply), from: master)
            case .failure(.reply(let error)): receive(.refused(error), from: master)
            case .failure: receive(.unanswered, from: master)
            }
        }
    }
}
