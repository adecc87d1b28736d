import RESP
import Redis
import Settings
import Standing
import Store
import Telemetry
import Topology

/// Asks Redis for what a node needs: each of its masters, where there are several.
struct RedisCheck: Sendable {
    /// The most masters that a failure names.
    private static let namedMasters = 3

    private let location: RedisLocation
    private let naming: Naming
    private let question: MasterQuestion

    init(_ location: RedisLocation, _ configuration: Configuration) {
        self.location = location
        naming = configuration.naming
        question = MasterQuestion(naming, history: configuration.history, pubSub: configuration.redisPubSub)
    }

    /// Throws where no master can be asked.
    func run() async throws -> NodeCheck.Report {
        let survey = try await RedisSurvey.of(location)
        // The connections log in, ask for the version, and load every script.
        return try await RedisSession.with(location, scripts: Scripts.all) { [question] session in
            let masters = await session.eachMaster { session, master in
                var condition = await question.ask(master, isolation: session)
                condition.security = await session.terms(with: master.address)
                return condition
            }
            return report(survey, masters, absent: await session.absentShards)
        }
    }

    private func report(
        _ survey: RedisSurvey, _ masters: [MasterCondition], absent: [AbsentShard]
    ) -> NodeCheck.Report {
        let hasSeveral = masters.count + absent.count > 1
        let outOfReach = absent.map { "\($0.name): \($0.reason)" }
        let unusable = masters.compactMap { master in
            master.trouble.map { hasSeveral ? "\(master.address): \($0)" : $0 }
        }
        let advice = masters.flatMap { master in
            self.advice(master.info, expectsReplicas: survey.expectsReplicas || hasSeveral)
                .map { hasSeveral ? "\(master.address): \($0)" : $0 }
        }
        let certificates = CertificateAdvice(now: Int(WallClock.now / 1000))
        let security = masters.compactMap { $0.security?.words }
        let lines = masters.map { "master \($0.address): \($0.words)" } + outOfReach.map { "out of reach: \($0)" }
        return NodeCheck.Report(
            redis: "\(location)", version: Set(masters.map(\.version)).sorted().joined(separator: " and "),
            milliseconds: masters.map(\.milliseconds).max() ?? 0, hasFunction: masters.allSatisfy(\.hasFunction),
            servers: survey.lines + (hasSeveral ? lines : security),
            advice: survey.advice + advice + certificates.advice(masters, own: location.tls?.ownExpiry),
            failure: failure(unusable + outOfReach))
    }

    private func advice(_ info: RedisInfo, expectsReplicas: Bool) -> [String] {
        [
            RedisAdvice.eviction(info),
            RedisAdvice.sharedChannels(info, database: location.database, naming: naming),
            expectsReplicas ? RedisAdvice.replicas(info) : nil,
        ].compactMap(\.self)
    }

    private func failure(_ troubles: [String]) -> StartFailure? {
        guard !troubles.isEmpty else { return nil }
        let named = troubles.prefix(Self.namedMasters).joined(separator: "; ")
        let more = troubles.count - Self.namedMasters
        return .running("the Redis at \(location) cannot be used: \(named)" + (more > 0 ? "; and \(more) more" : ""))
    }
}
