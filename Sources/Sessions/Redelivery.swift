import Store

/// The messages that one client has not acknowledged, and when to send each again: by the schedule, and those of an
/// earlier connection at once. Times are milliseconds of a monotonic clock.
///
/// Due messages take turns, one after the other, and the time for the acknowledgement starts again with each sending.
struct Redelivery {
    struct Message: Equatable {
        let text: [UInt8]
        /// How often the schedule has sent it again.
        var attempts: Int
        /// The run id of the Redis that also has it; nil where none has.
        var storedIn: String?
        /// When to send it again; nil while it waits for its turn.
        var due: UInt64?
    }

    /// A message whose turn it is, and how that counts.
    struct Turn: Equatable {
        let id: String
        let message: Message
        /// The attempt's number; nil for a message of an earlier connection, which this one sends for the first time.
        let attempt: Int?
    }

    /// What to do with a message whose turn it is.
    typealias Verdict = AttemptAcknowledgementScript.Verdict

    private let delays: [UInt64]
    private let most: Int
    private var messages: [String: Message] = [:]
    private var turns: [(id: String, isAttempt: Bool)] = []

    /// `delays`: the time after a message was sent until it is sent again, for the first time, the second, and so on.
    /// `most`: messages that may be unacknowledged; further ones are not sent again.
    init(delays: [UInt64], most: Int) {
        self.delays = delays
        self.most = most
    }

    /// How often a message is sent again.
    var maxAttempts: Int { delays.count }
    /// How many are unacknowledged.
    var count: Int { messages.count }
    /// When the next one is due; nil where none is.
    var nextDue: UInt64? { messages.values.compactMap(\.due).min() }
    /// Whether any waits for its turn.
    var hasTurn: Bool { !turns.isEmpty }

    subscript(id: String) -> Message? { messages[id] }

    // MARK: Messages

    /// A message was just sent. False where it is unacknowledged already, or there is no room.
    mutating func expect(_ id: String, _ text: [UInt8], now: UInt64) -> Bool {
        if let known = messages[id] {
            // The client has it now, so it needs no turn.
            if known.due == nil { wait(for: id, now: now) }
            return false
        }
        guard messages.count < most else { return false }
        messages[id] = Message(text: text, attempts: 0)
        wait(for: id, now: now)
        return true
    }

    /// An earlier connection left a message, which is sent in its turn. `attempts` is Redis' number, unchecked.
    mutating func takeOver(_ id: String, _ text: [UInt8], attempts: Int, storedIn run: String?) {
        guard messages[id] == nil else { return }
        messages[id] = Message(text: text, attempts: min(max(0, attempts), maxAttempts), storedIn: run)
        turns.append((id, isAttempt: false))
    }

    /// This run of Redis has the message; with nil, none has.
    mutating func didStore(_ id: String, in run: String?) { messages[id]?.storedIn = run }

    /// The client has the message, or another connection holds it; returns whether it was unacknowledged.
    @discardableResult
    mutating func forget(_ id: String) -> Bool {
        turns.removeAll { $0.id == id }
        return messages.removeValue(forKey: id) != nil
    }

    // MARK: Turns

    /// Due messages wait for their turns, the longest due first.
    mutating func collectDue(now: UInt64) {
        let due = messages.compactMap { id, message in
            message.due.flatMap { $0 <= now ? (at: $0, id: id) : nil }
        }
        for (_, id) in due.sorted(by: <) {
            messages[id]?.due = nil
            turns.append((id, isAttempt: true))
        }
    }

    /// The message whose turn it is; nil where none waits. ``settle(_:_:now:)`` takes the verdict.
    mutating func nextTurn() -> Turn? {
        guard !turns.isEmpty else { return nil }
        let (id, isAttempt) = turns.removeFirst()
        guard let message = messages[id] else { return nil }
        return Turn(id: id, message: message, attempt: isAttempt ? message.attempts + 1 : nil)
    }

    /// What to do with a message, as far as that is known without Redis.
    func verdict(on turn: Turn) -> Verdict { (turn.attempt ?? 0) > maxAttempts ? .dropped : .send }

    /// The verdict on a message is known. Returns what to do now: a message that was acknowledged meanwhile is neither
    /// sent nor dropped.
    mutating func settle(_ turn: Turn, _ verdict: Verdict, now: UInt64) -> Verdict {
        guard messages[turn.id] != nil else { return .settled }
        guard verdict == .send else {
            forget(turn.id)
            return verdict
        }
        if let attempt = turn.attempt { messages[turn.id]?.attempts = attempt }
        wait(for: turn.id, now: now)
        return .send
    }

    private mutating func wait(for id: String, now: UInt64) {
        guard let attempts = messages[id]?.attempts else { return }
        turns.removeAll { $0.id == id }
        messages[id]?.due = now + delays[min(attempts, delays.count - 1)]
    }
}
