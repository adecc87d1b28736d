import RESP

/// The answers of all masters to one question, as one: what one of them refuses or denies is refused or denied.
struct StandingAnswers {
    private var awaited: Int
    private var refusal: RedisReplyError?
    private var missing: [String] = []
    private var isUnanswered = false

    /// None yet, of so many.
    init(awaited: Int) { self.awaited = awaited }

    /// One more; what they say together, once all are there.
    mutating func add(_ answer: Result<[String], RedisError>) -> RedisStanding.Event? {
        switch answer {
        case .success(let denied): missing += denied.filter { !missing.contains($0) }
        case .failure(.reply(let error)): refusal = refusal ?? error
        case .failure: isUnanswered = true
        }
        awaited -= 1
        guard awaited == 0 else { return nil }
        if let refusal { return .refused(refusal) }
        return !missing.isEmpty || !isUnanswered ? .answered(missing: missing) : .unanswered
    }
}
