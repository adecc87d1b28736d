import Glibc
public import RedisClient

/// Which Redis a node uses: the one it was told, else the one on this machine, else, for a development node,
/// one of its own.
public enum RedisDiscovery {
    /// Where a Redis is looked for when none is named.
    public static let local = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: 6379))

    /// Tries of a Redis that has just been started, 50 ms apart: five seconds.
    private static let maxTries = 100

    /// The Redis to use, and the one that was started for it.
    struct Found {
        let endpoint: RedisEndpoint
        let child: PrivateRedis?
    }

    /// Finds or starts it. Call it from the main thread, see ``PrivateRedis/start(port:)``.
    static func find(_ configuration: Configuration) throws(StartFailure) -> Found {
        if let endpoint = configuration.redis {
            if case .tooOld(let version)? = failure(of: endpoint) { throw tooOld(version, endpoint) }
            return Found(endpoint: endpoint, child: nil)
        }
        switch failure(of: local) {
        case nil: return Found(endpoint: local, child: nil)
        case .unreachable?:
            guard configuration.isDevelopment else {
                throw .usage(
                    "no Redis: set --redis (FANTAIL_REDIS_URL), start one on 127.0.0.1:6379, or use --dev for a private one"
                )
            }
            return try startPrivate()
        case .tooOld(let version)?: throw tooOld(version, local)
        case let other?:
            throw .running("port 6379 of 127.0.0.1 is held by something that is no usable Redis: \(other)")
        }
    }

    private static func tooOld(_ version: String, _ endpoint: RedisEndpoint) -> StartFailure {
        .running("the Redis at \(endpoint) is version \(version); 7 or later is needed")
    }

    /// Why `endpoint` cannot be used now; nil when it can.
    private static func failure(of endpoint: RedisEndpoint) -> RedisFailure? {
        Blocking.wait {
            do {
                try await RedisSession.with(endpoint) { _ in }
                return nil
            } catch let failure as RedisFailure {
                return failure
            } catch {
                return RedisFailure.ended("\(error)")
            }
        }
    }

    private static func startPrivate() throws(StartFailure) -> Found {
        let child: PrivateRedis
        do { child = try PrivateRedis.start(port: 6379) } catch { throw .running(error.message) }
        for _ in 0..<maxTries {
            if failure(of: local) == nil { return Found(endpoint: local, child: child.hasEnded() ? nil : child) }
            if child.hasEnded() {
                // Another node may have been faster; then its Redis answers.
                if failure(of: local) == nil { return Found(endpoint: local, child: nil) }
                throw .running("redis-server ended at once; is it installed (apt-get install redis-server)?")
            }
            usleep(50_000)
        }
        child.stop()
        throw .running("the private redis-server on 127.0.0.1:6379 does not answer")
    }
}
