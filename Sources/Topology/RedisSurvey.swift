public import RESP
import Sentinels

/// The answers of the servers that name the address of Redis, each asked once: for `fantail check`. Empty where the URL
/// has the address.
public struct RedisSurvey: Sendable {
    /// Their common answer, and the answer of each server, a line each.
    public let lines: [String]
    /// Warnings for an operator, a line each.
    public let advice: [String]
    /// Whether a replica should stand by for each master.
    public let expectsReplicas: Bool

    /// Asks the servers that `location` names; takes a second where one is silent.
    public static func of(_ location: RedisLocation) async throws -> RedisSurvey {
        switch location {
        case .server: RedisSurvey(lines: [], advice: [], expectsReplicas: false)
        case .cluster: RedisSurvey(lines: [], advice: [], expectsReplicas: true)
        case .sentinel(let group): RedisSurvey(try await SentinelSurvey.of(group))
        }
    }
}

extension RedisSurvey {
    /// Fewer Sentinels cannot outvote one of them that is cut off.
    private static let fewestSentinels = 3

    init(_ survey: SentinelSurvey) {
        let master = survey.master.map { "\($0)" } ?? "not known"
        lines =
            ["Master, by the Sentinels: \(master)"]
            + survey.entries.map { "Sentinel \($0.address): \($0.words)" }
        let wrong = survey.entries.filter { !$0.agrees }.map { "the Sentinel \($0.address): \($0.words)" }
        advice = survey.entries.count < Self.fewestSentinels ? wrong + [Self.tooFew] : wrong
        expectsReplicas = true
    }

    private static let tooFew =
        "there are fewer than \(fewestSentinels) Sentinels: one that fails leaves no majority, and no master is replaced"
}
