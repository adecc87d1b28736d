import RESP

/// Combines the answers of all masters to one question: a refusal or denial by one of them stands for all.
struct StandingAnswers {
    private var awaited: Int
    /// Whether the masters are those of a cluster: one that has just become a replica of its successor says READONLY until
    /// the map has changed. That is no refusal.
    private let isCluster: Bool
    private var refusal: RedisReplyError?
    private var missing: [String] = []
    private var isUnanswered = false

    /// Waits for this many answers.
    init(awaited: Int, isCluster: Bool) {
        self.awaited = awaited
        self.isCluster = isCluster
    }

    /// Adds an answer; returns the combined one after the last.
    mutating func add(_ answer: Result<[String], RedisError>) -> RedisStanding.Event? {
        switch answer {
        case .success(let denied): missing += denied.filter { !missing.contains($0) }
        case .failure(.reply(let error)) where isCluster && error.isReadOnly: isUnanswered = true
        case .failure(.reply(let error)): refusal = refusal ?? error
        case .failure: isUnanswered = true
        }
        awaited -= 1
        guard awaited == 0 else { return nil }
        if let refusal { return .refused(refusal) }
        return !missing.isEmpty || !isUnanswered ? .answered(missing: missing) : .unanswered
    }
}
