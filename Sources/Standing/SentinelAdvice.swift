package import Sentinels
package import RESP
import Redis

/// What an operator should know of Sentinels that work and may yet disappoint.
package enum SentinelAdvice {
    /// Fewer cannot outvote one of them that is cut off.
    private static let fewestSentinels = 3

    /// A line each. `info` is what INFO of the master says of `replication`.
    package static func all(_ survey: SentinelSurvey, _ info: RedisInfo) -> [String?] {
        let wrong = survey.entries.filter { !$0.agrees }.map { "the Sentinel \($0.address): \($0.words)" }
        return wrong + [replicas(info), count(survey)]
    }

    private static func replicas(_ info: RedisInfo) -> String? {
        guard info["connected_slaves"] == "0" else { return nil }
        return "the master has no replica: Sentinel has nobody to put in its place"
    }

    private static func count(_ survey: SentinelSurvey) -> String? {
        guard survey.entries.count < fewestSentinels else { return nil }
        return
            "there are fewer than \(fewestSentinels) Sentinels: one that fails leaves no majority, and no master is replaced"
    }
}
