public import Sentinels
import Access
import Glibc
import RESP
import Redis
public import Settings
import Standing
import Store
import Threads
import Token

/// Checks what a node needs, without serving clients: `fantail check`.
public enum NodeCheck {
    /// The result for Redis.
    public struct Report: Sendable {
        /// The location of Redis, its password masked.
        public let redis: String
        /// The master's address and each Sentinel's answer; nil without Sentinels.
        public let sentinels: SentinelSurvey?
        /// The version of Redis; nil where there is no Redis and `--dev` would start one.
        public let version: String?
        /// Milliseconds between a PING and its answer.
        public let milliseconds: Double
        /// Whether workers can call the Function that a node of these settings loads when it starts.
        public let hasFunction: Bool
        /// Warnings for an operator, though a node would start: a line each.
        public let advice: [String]
    }

    /// The rights that the login lacks.
    private struct MissingRights: Error, CustomStringConvertible {
        let denied: [String]
        var description: String { "the Redis user lacks rights that a node needs: \(NeededRights.summary(denied))" }
    }

    /// Checks the settings against each other, reads the keys, and sends Redis a node's scripts and a message. Fails
    /// like `serve`: 2 for settings, 1 for an unusable Redis.
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
            do { return .success(try await tryRedis(location, checked)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let report): return report
        case .failure(RedisFailure.unknownMaster(let message)): throw .usage("--redis: \(message)")
        case .failure(RedisFailure.unreachable) where configuration.redis == nil:
            guard configuration.isDevelopment else {
                throw .usage("no Redis: set --redis (FANTAIL_REDIS_URL), or start one on 127.0.0.1:6379")
            }
            return Report(
                redis: "\(location)", sentinels: nil, version: nil, milliseconds: 0, hasFunction: false, advice: [])
        case .failure(let error): throw .running("the Redis at \(location) cannot be used: \(error)")
        }
    }

    /// Fails with 1 where a node of these settings could not listen. Keeps no socket.
    public static func tryListening(_ configuration: Configuration) throws(StartFailure) {
        var configuration = configuration
        try StartRules.check(&configuration)
        try ListeningPlaces(configuration).probe()
    }

    private static func tryRedis(
        _ location: RedisLocation, _ configuration: Configuration
    ) async throws -> Report {
        let naming = configuration.naming
        let function = PublishFunction(naming: naming, limits: configuration.history)
        let rights = RightsScript(NeededRights(naming).commands)
        let sentinels: SentinelSurvey? =
            if case .sentinel(let group) = location { try await SentinelSurvey.of(group) } else { nil }
        // The connection logs in, asks for the version, and loads every script.
        return try await RedisSession.with(location, scripts: Scripts.all) { session in
            let start = milliseconds
            try await session.send(PingRequest())
            let elapsed = milliseconds - start
            try await session.send(EmptyMessage(to: naming.checkChannel))
            let denied = try await session.run(rights)
            guard denied.isEmpty else { throw MissingRights(denied: denied) }
            let info = try await session.send(InfoRequest([.server, .memory, .keyspace, .replication]))
            let advice =
                [
                    RedisAdvice.eviction(info),
                    RedisAdvice.sharedChannels(info, database: location.database, naming: naming),
                ] + (sentinels.map { SentinelAdvice.all($0, info) } ?? [])
            let loaded = try? await session.send(FunctionVersion(naming))
            return Report(
                redis: "\(location)", sentinels: sentinels, version: info["redis_version"] ?? "unknown",
                milliseconds: elapsed,
                hasFunction: function.need(where: loaded?.version, isConnecting: true) == .nothing,
                advice: advice.compactMap(\.self))
        }
    }

    private static var milliseconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
    }
}
