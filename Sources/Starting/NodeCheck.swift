import Access
import RESP
import Redis
public import Settings
import Store
import Threads
import Token

/// Checks what a node needs, without serving clients: `fantail check`.
public enum NodeCheck {
    /// The result for Redis.
    public struct Report: Sendable {
        /// The location of Redis, its password masked.
        public let redis: String
        /// The version of Redis; nil where there is no Redis and `--dev` would start one.
        public let version: String?
        /// Milliseconds between a PING and its answer.
        public let milliseconds: Double
        /// Whether workers can call the Function that a node of these settings loads when it starts.
        public let hasFunction: Bool
        /// A line for each server, where there are several.
        public let servers: [String]
        /// Warnings for an operator, though a node would start: a line each.
        public let advice: [String]
        /// Why a node cannot use Redis; nil where it can.
        public let failure: StartFailure?
    }

    /// Checks the settings against each other, reads the keys, and sends Redis a node's scripts and a message. Fails
    /// like `serve`: 2 for settings, 1 where no Redis answers.
    public static func run(_ configuration: Configuration) throws(StartFailure) -> Report {
        var configuration = configuration
        try StartRules.check(&configuration)
        do {
            _ = try configuration.authenticator(keys: StartRules.keys(of: configuration))
        } catch let failure as StartFailure {
            throw failure
        } catch {
            throw .usage(
                "the key that verifies tokens cannot be used: \((error as? TokenError)?.message ?? "\(error)")")
        }
        let location = configuration.redis ?? .local
        let checked = configuration
        let result: Result<Report, any Error> = Blocking.wait {
            do { return .success(try await RedisCheck(location, checked).run()) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let report): return report
        case .failure(let failure as RedisFailure) where failure.faultOfURL != nil:
            throw .usage("--redis: \(failure.faultOfURL ?? "")")
        case .failure(RedisFailure.unreachable) where configuration.redis == nil:
            guard configuration.isDevelopment else {
                throw .usage("no Redis: set --redis (FANTAIL_REDIS_URL), or start one on 127.0.0.1:6379")
            }
            return Report(
                redis: "\(location)", version: nil, milliseconds: 0, hasFunction: false, servers: [], advice: [],
                failure: nil)
        case .failure(let error): throw .running("the Redis at \(location) cannot be used: \(error)")
        }
    }

    /// Fails with 1 where a node of these settings could not listen. Keeps no socket.
    public static func tryListening(_ configuration: Configuration) throws(StartFailure) {
        var configuration = configuration
        try StartRules.check(&configuration)
        try ListeningPlaces(configuration).probe()
    }
}
