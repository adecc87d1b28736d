import Topology
package import Development
import Glibc
package import RESP
import Redis
package import Settings
package import Telemetry
import Threads

/// Finds a node's Redis: the one in its settings, else the one on this machine, else, for a development node, a private
/// one.
package enum RedisDiscovery {
    /// Attempts to reach a Redis that has just started, 50 ms apart: five seconds.
    private static let maxTries = 100
    /// Attempts to join or start a private Redis: each fails only where another node has just started or ended.
    private static let maxStarts = 10
    /// How long to wait for a Sentinel that knows a master of the name.
    private static let maxSecondsUntilNamed = 30

    /// The Redis to use, and this node's share in it where it is a private Redis.
    package struct Found {
        package let location: RedisLocation
        package let privateRedis: PrivateRedis?
    }

    /// Finds or starts a Redis, and says in the log which private one it is.
    package static func find(_ configuration: Configuration, _ log: Log) throws(StartFailure) -> Found {
        let found = try findAny(configuration, log)
        if let redis = found.privateRedis {
            let how =
                redis.isNew
                ? "started a private Redis for development" : "using the private Redis of other development nodes"
            log.info(
                "\(how); it ends with the last node that uses it",
                ["redis": "\(found.location)", "pid": .number(redis.processID)])
        }
        return found
    }

    private static func findAny(_ configuration: Configuration, _ log: Log) throws(StartFailure) -> Found {
        guard let location = configuration.redis else { return try findLocal(configuration) }
        switch failure(of: location) {
        case .tooOld(let version)?: throw tooOld(version, location)
        case .unknownMaster(let reason)?: try waitUntilNamed(location, reason, log)
        case let failure?: if let fault = failure.faultOfURL { throw .usage("--redis: \(fault)") }
        case nil: break
        }
        // A node whose settings name the private Redis shares that Redis, too.
        return Found(location: location, privateRedis: isLocal(location) ? PrivateRedis.join() : nil)
    }

    private static func isLocal(_ location: RedisLocation) -> Bool {
        guard case .server(let endpoint) = location, case .tcp(_, port: 6379) = endpoint.address, endpoint.tls == nil
        else { return false }
        return endpoint.isLoopback
    }

    /// Sentinels that have just started may learn of the master only now. After that, the name is wrong.
    private static func waitUntilNamed(
        _ location: RedisLocation, _ reason: String, _ log: Log
    ) throws(StartFailure) {
        log.warning("waiting for a Sentinel that knows the master", ["reason": .text(reason)])
        for _ in 0..<maxSecondsUntilNamed {
            sleep(1)
            guard case .unknownMaster? = failure(of: location) else { return }
        }
        throw .usage("--redis: \(reason)")
    }

    private static func findLocal(_ configuration: Configuration) throws(StartFailure) -> Found {
        for _ in 1...maxStarts {
            if let joined = PrivateRedis.join() { return try used(joined) }
            switch failure(of: .local) {
            case nil: return Found(location: .local, privateRedis: nil)
            case .unreachable?:
                guard configuration.isDevelopment else {
                    throw .usage(
                        "no Redis: set --redis (FANTAIL_REDIS_URL), start one on 127.0.0.1:6379, or use --dev for a private one"
                    )
                }
                if let started = PrivateRedis.start() { return try used(started) }
                usleep(50_000)
            case .tooOld(let version)?: throw tooOld(version, .local)
            case let other?:
                throw .running("port 6379 of 127.0.0.1 is in use by a program that is not a usable Redis: \(other)")
            }
        }
        throw .running("the process that runs the private Redis cannot be started")
    }

    /// Waits until the Redis answers.
    private static func used(_ redis: PrivateRedis) throws(StartFailure) -> Found {
        for _ in 0..<maxTries {
            if failure(of: .local) == nil { return Found(location: .local, privateRedis: redis) }
            if redis.hasEnded() {
                // The Redis has ended where another Redis has taken the port meanwhile; then that Redis answers.
                if failure(of: .local) == nil { return Found(location: .local, privateRedis: redis) }
                throw .running("redis-server ended at once; is it installed (apt-get install redis-server)?")
            }
            usleep(50_000)
        }
        throw .running("the private redis-server on 127.0.0.1:6379 does not answer")
    }

    private static func tooOld(_ version: String, _ location: RedisLocation) -> StartFailure {
        .running("the Redis at \(location) is version \(version); 7 or later is needed")
    }

    /// Why the node cannot use the Redis now; nil when it can.
    private static func failure(of location: RedisLocation) -> RedisFailure? {
        Blocking.wait {
            do {
                try await RedisSession.with(location) { _ in }
                return nil
            } catch let failure as RedisFailure {
                return failure
            } catch {
                return RedisFailure.ended("\(error)")
            }
        }
    }
}
