import Store

/// What one client has not acknowledged, and when it is to have it again: each message by the schedule, those of an
/// earlier connection at once. Times are milliseconds of a clock that does not go back.
///
/// What is due takes its turn, one after the other, and the client has to acknowledge it anew from when it was sent.
struct Redelivery {
    struct Message: Equatable {
        let text: [UInt8]
        /// How often it was sent again by the schedule.
        var attempts: Int
        /// The run of Redis that has it too; nil where none has.
        var storedIn: String?
        /// When it is to be sent again; nil while it waits for its turn.
        var due: UInt64?
    }

    /// Whose turn it is, and how that counts.
    struct Turn: Equatable {
        let id: String
        let message: Message
        /// The attempt's number; nil for a message of an earlier connection, which is sent for the first time here.
        let attempt: Int?
    }

    /// What becomes of a message whose turn it is.
    typealias Verdict = AttemptAcknowledgementScript.Verdict

    private let delays: [UInt64]
    private let most: Int
    private var messages: [String: Message] = [:]
    private var turns: [(id: String, isAttempt: Bool)] = []

    /// `delays`: how long after it was sent a message is sent again, the first time, the second, and so on. `most`: messages
    /// that may be unacknowledged; further ones are not sent again.
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

    /// A message has just been sent. False where it is unacknowledged already, or where there is no room.
    mutating func expect(_ id: String, _ text: [UInt8], now: UInt64) -> Bool {
        if let known = messages[id] {
            // Its turn was to come: the client has it now.
            if known.due == nil { wait(for: id, now: now) }
            return false
        }
        guard messages.count < most else { return false }
        messages[id] = Message(text: text, attempts: 0)
        wait(for: id, now: now)
        return true
    }

    /// An earlier connection left a message, which is sent in its turn. `attempts` is what Redis holds, whatever that is.
    mutating func takeOver(_ id: String, _ text: [UInt8], attempts: Int, storedIn run: String?) {
        guard messages[id] == nil else { return }
        messages[id] = Message(text: text, attempts: min(max(0, attempts), maxAttempts), storedIn: run)
        turns.append((id, isAttempt: false))
    }

    /// This run of Redis has the message; with nil, none has.
    mutating func note(_ id: String, storedIn run: String?) { messages[id]?.storedIn = run }

    /// The client has the message, or another connection; answers whether it was unacknowledged.
    @discardableResult
    mutating func forget(_ id: String) -> Bool {
        turns.removeAll { $0.id == id }
        return messages.removeValue(forKey: id) != nil
    }

    // MARK: Turns

    /// Those that are due wait for their turns, the longest due first.
    mutating func collectDue(now: UInt64) {
        let due = messages.compactMap { id, message in
            message.due.flatMap { $0 <= now ? (at: $0, id: id) : nil }
        }
        for (_, id) in due.sorted(by: <) {
            messages[id]?.due = nil
            turns.append((id, isAttempt: true))
        }
    }

    /// Whose turn it is; nil where nobody waits. ``settle(_:_:now:)`` says what comes of it.
    mutating func nextTurn() -> Turn? {
        guard !turns.isEmpty else { return nil }
        let (id, isAttempt) = turns.removeFirst()
        guard let message = messages[id] else { return nil }
        return Turn(id: id, message: message, attempt: isAttempt ? message.attempts + 1 : nil)
    }

    /// What is to become of a message, as far as that is known without Redis.
    func verdict(on turn: Turn) -> Verdict { (turn.attempt ?? 0) > maxAttempts ? .dropped : .send }

    /// The verdict on a message is known. Answers what is done now: a message that was acknowledged meanwhile is neither
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
