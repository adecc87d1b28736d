package import EventLoop
import RESP
package import Redis
package import Store
package import Telemetry

/// Loads the workers' Function where Redis has none, an older one or, when the node connects, one with other limits.
///
/// Every node checks with each heartbeat, since an operator may have flushed the Functions. Of several that find none
/// one loads it: Redis refuses `FUNCTION LOAD` without `REPLACE` to the others.
package final class WorkerFunction {
    private let loop: EventLoop
    private let periodMilliseconds: UInt64
    private let redis: any CommandBus
    private let function: PublishFunction
    private let versionFunction: String
    private let log: Log
    /// Whether the loop logs what goes wrong; all loops of a node would find the same.
    private let isReporting: Bool
    /// Why a master could not load it: logged once, not with every heartbeat.
    private var troubles: [RedisEndpoint.Address?: String] = [:]

    /// The node asks Redis every `periodMilliseconds`.
    package init(
        loop: EventLoop, redis: any CommandBus, naming: Naming, history: HistoryLimits, periodMilliseconds: Int,
        log: Log, isReporting: Bool
    ) {
        self.loop = loop
        self.periodMilliseconds = UInt64(periodMilliseconds)
        self.redis = redis
        self.log = log
        self.isReporting = isReporting
        function = PublishFunction(naming: naming, limits: history)
        versionFunction = naming.publishFunction + "_version"
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

    /// Each master has its own; a replica has what its master has.
    private func look(isConnecting: Bool) {
        for master in redis.masters { look(at: master, isConnecting: isConnecting) }
    }

    private func look(at master: any CommandBus, isConnecting: Bool) {
        askVersion(of: master) { [self] found in
            switch function.need(where: found, isConnecting: isConnecting) {
            case .nothing: troubles[master.address] = nil
            case .replacing: load(into: master, replacing: true)
            case .loading:
                load(into: master, replacing: false) { [self] in
                    // Another node was first, or a foreign library has the name.
                    askVersion(of: master) { [self] in if $0 == nil { load(into: master, replacing: true) } }
                }
            }
        }
    }

    /// Asks which version a master has: nil where there is none. Of several each is told whose numbers it may go on with, in a slot
    /// that it takes over.
    private func askVersion(of master: any CommandBus, _ completion: @escaping (String?) -> Void) {
        let runIDs = redis.masters.compactMap { $0.runID(for: "") }
        let told = runIDs.count > 1 ? runIDs.map(RedisArgument.string) : []
        master.send(RedisCommand(["FCALL", .string(versionFunction), "0"] + told)) { [weak self] result in
            switch result {
            case .success(let reply): completion(reply.string ?? "")
            case .failure(.reply(let reply)) where reply.message.hasPrefix("Function not found"): completion(nil)
            case .failure(.reply(let reply)): self?.warn("\(reply)", of: master)
            case .failure: break  // Redis is away, and is asked again when it is back.
            }
        }
    }

    private func load(into master: any CommandBus, replacing: Bool, whereTaken: (() -> Void)? = nil) {
        let source = RedisArgument.string(function.source)
        let command =
            replacing ? RedisCommand("FUNCTION", "LOAD", "REPLACE", source) : RedisCommand("FUNCTION", "LOAD", source)
        master.send(command) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success:
                troubles[master.address] = nil
                log.info(
                    "loaded the Redis Function",
                    ["library": .text(function.library), "redis": .text(Self.name(of: master))])
            case .failure(.reply(let reply)) where whereTaken != nil && reply.message.hasSuffix("already exists"):
                whereTaken?()
            case .failure(let error): warn("\(error)", of: master)
            }
        }
    }

    private func warn(_ reason: String, of master: any CommandBus) {
        guard isReporting, reason != troubles[master.address] else { return }
        troubles[master.address] = reason
        log.warning(
            "could not load the Redis Function; workers' FCALL may fail",
            ["library": .text(function.library), "redis": .text(Self.name(of: master)), "reason": .text(reason)])
    }

    private static func name(of master: any CommandBus) -> String { master.address.map { "\($0)" } ?? "" }
}
