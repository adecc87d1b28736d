/// The commands whose replies are awaited: in the order of the calls, which is the order in which they complete, and in the
/// order of the wire, in which replies come. They differ only after a NOSCRIPT, when a call is sent a second time.
struct PendingCommands {
    typealias Completion = (Result<RedisValue, RedisError>) -> Void

    private struct Entry {
        let completion: Completion
        let byteCount: Int
        let deadline: UInt64
        /// Set while NOSCRIPT can still be answered by sending it again.
        var call: ScriptCall?
        var result: Result<RedisValue, RedisError>?
    }

    /// What to do after a reply.
    enum Action {
        /// Nothing but to ask ``PendingCommands/popFinished()``.
        case complete
        /// Send the call again with the script's text.
        case sendText(ScriptCall)
        /// Send the call again by digest: an EVAL of the same script is on its way before it.
        case sendDigest(ScriptCall)
    }

    private var entries = Queue<Entry>()
    /// Number of the first of ``entries``; numbers go on counting.
    private var firstNumber: UInt64 = 0
    private var wire = Queue<UInt64>()
    /// Which EVAL, by its number, is on the wire for a script's text.
    private var texts: [String: UInt64] = [:]
    private(set) var byteCount = 0

    var count: Int { entries.count }

    /// Whether `bytes` more would pass a bound.
    func isFull(adding bytes: Int) -> Bool {
        entries.count >= RedisLimits.maxPendingCommands || byteCount + bytes > RedisLimits.maxPendingBytes
    }

    /// A command that was just put on the wire. `call`, when it was an EVALSHA.
    mutating func add(byteCount: Int, deadline: UInt64, call: ScriptCall? = nil, _ completion: @escaping Completion) {
        wire.append(firstNumber + UInt64(entries.count))
        entries.append(Entry(completion: completion, byteCount: byteCount, deadline: deadline, call: call))
        self.byteCount += byteCount
    }

    /// Gives a reply to the command it belongs to.
    mutating func receive(_ reply: RedisValue) throws(RedisFailure) -> Action {
        guard let number = wire.popFirst() else { throw .nonsense("a reply nobody asked for") }
        let offset = Int(number - firstNumber)
        guard case .error(let error) = reply else {
            finish(offset, number, .success(reply))
            return .complete
        }
        if error.code == "NOSCRIPT", let call = entries[offset].call {
            wire.append(number)
            // Later calls of the same script follow by digest: the EVAL before them has loaded it by then. Their order
            // is kept, and 10,000 of them do not carry the text 10,000 times.
            guard texts[call.script.text] == nil else { return .sendDigest(call) }
            texts[call.script.text] = number
            entries[offset].call = nil
            return .sendText(call)
        }
        finish(offset, number, .failure(.reply(error)))
        return .complete
    }

    private mutating func finish(_ offset: Int, _ number: UInt64, _ result: Result<RedisValue, RedisError>) {
        entries[offset].result = result
        if !texts.isEmpty, let text = texts.first(where: { $0.value == number })?.key { texts[text] = nil }
    }

    /// The oldest command, when it has its reply.
    mutating func popFinished() -> (completion: Completion, result: Result<RedisValue, RedisError>)? {
        guard let result = entries.first?.result, let entry = entries.popFirst() else { return nil }
        firstNumber += 1
        byteCount -= entry.byteCount
        return (entry.completion, result)
    }

    /// Forgets all, and hands over those whose completion is still due, oldest first; a reply that waited for its turn goes with
    /// its own result.
    mutating func removeAll(failing error: RedisError) -> [(Completion, Result<RedisValue, RedisError>)] {
        var finished: [(Completion, Result<RedisValue, RedisError>)] = []
        while let entry = entries.popFirst() { finished.append((entry.completion, entry.result ?? .failure(error))) }
        self = PendingCommands()
        return finished
    }

    /// Whether the oldest has waited past its deadline. All have the same patience, so no later one can be overdue before.
    func isOverdue(at now: UInt64) -> Bool { entries.first.map { now >= $0.deadline } ?? false }
}
