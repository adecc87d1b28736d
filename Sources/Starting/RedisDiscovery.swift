package import Development
import Direct
import Glibc
package import RESP
import Redis
package import Settings
import Threads

/// Which Redis a node uses: the one it was told, else the one on this machine, else, for a development node,
/// one of its own.
package enum RedisDiscovery {
    /// Tries of a Redis that has just been started, 50 ms apart: five seconds.
    private static let maxTries = 100
    /// Tries to join a private Redis or to start one: each fails only where another node has just begun or ended.
    private static let maxStarts = 10

    /// The Redis to use, and this node's part in it where it is a private one.
    package struct Found {
        package let endpoint: RedisEndpoint
        package let privateRedis: PrivateRedis?
    }

    /// Finds or starts it.
    package static func find(_ configuration: Configuration) throws(StartFailure) -> Found {
        guard let endpoint = configuration.redis else { return try findLocal(configuration) }
        if case .tooOld(let version)? = failure(of: endpoint) { throw tooOld(version, endpoint) }
        // Whoever is told the address of the private Redis uses it no less.
        return Found(endpoint: endpoint, privateRedis: isLocal(endpoint) ? PrivateRedis.join() : nil)
    }

    private static func isLocal(_ endpoint: RedisEndpoint) -> Bool {
        guard case .tcp(_, port: 6379) = endpoint.address, endpoint.tls == nil else { return false }
        return endpoint.isLoopback
    }

    private static func findLocal(_ configuration: Configuration) throws(StartFailure) -> Found {
        for _ in 1...maxStarts {
            if let joined = PrivateRedis.join() { return try used(joined) }
            switch failure(of: .local) {
            case nil: return Found(endpoint: .local, privateRedis: nil)
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
                throw .running("port 6379 of 127.0.0.1 is held by something that is no usable Redis: \(other)")
            }
        }
        throw .running("the process that keeps a private Redis cannot be started")
    }

    /// Waits until it answers.
    private static func used(_ redis: PrivateRedis) throws(StartFailure) -> Found {
        for _ in 0..<maxTries {
            if failure(of: .local) == nil { return Found(endpoint: .local, privateRedis: redis) }
            if redis.hasEnded() {
                // It has ended where somebody else's has taken the port meanwhile; then that one answers.
                if failure(of: .local) == nil { return Found(endpoint: .local, privateRedis: redis) }
                throw .running("redis-server ended at once; is it installed (apt-get install redis-server)?")
            }
            usleep(50_000)
        }
        throw .running("the private redis-server on 127.0.0.1:6379 does not answer")
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
}
