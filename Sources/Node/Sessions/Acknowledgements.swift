import Events
import Dialects
import EventLoop
import RESP
import Redis
import Store

/// What a client of `topics` has got and not acknowledged: sent again, a bounded number of times.
///
/// A user's are also kept in Redis, so that the same client finds them again on any node; a holder of the fixed token has
/// them as long as its connection. They are sent one after the other, as the connection takes them.
final class Acknowledgements {
    private unowned let session: Session
    /// Where Redis keeps them; nil for who has no user.
    private let kept: AcknowledgementsKept?
    private var redelivery: Redelivery
    private var timer: Timer?
    /// When ``timer`` fires.
    private var firesAt: UInt64?
    /// A turn is being taken, or waits for the connection.
    private var isSending = false
    private var hasEnded = false

    private var core: LoopCore { session.core }

    init(session: Session) {
        self.session = session
        // Thirteen digits of time until the year 2286: later connections are greater.
        let holder = "\(WallClock.now) \(session.core.events.origin) \(session.connection.id)"
        kept = session.user.map {
            AcknowledgementsKept(
                user: $0, client: session.clientID, holder: holder, naming: session.core.shared.configuration.naming)
        }
        let limits = session.core.limits
        redelivery = Redelivery(delays: limits.redeliveryMilliseconds, most: limits.pendingAcknowledgements)
    }

    // MARK: Messages

    /// A message has been sent that the client is to acknowledge.
    func expect(_ messageID: String, _ text: [UInt8]) {
        guard !hasEnded else { return }
        defer { wake() }
        guard redelivery.expect(messageID, text, now: core.loop.now) else { return }
        store(messageID, text)
    }

    /// The client has it. Twice is harmless.
    func acknowledge(_ messageID: String) {
        redelivery.forget(messageID)
        if let kept { core.redis.run(RemoveAcknowledgementScript(messageID, in: kept)) { _ in } }
    }

    /// Sends what an earlier connection of this client left unacknowledged, wherever that was: at once, or once Redis can be
    /// asked.
    func takeOver() {
        guard let kept else { return }
        let seconds = core.limits.acknowledgementSeconds
        core.redis.run(TakeOverAcknowledgementsScript(kept, seconds: seconds)) { [weak self] result in
            guard let self, !hasEnded else { return }
            // What Redis refuses it will refuse again.
            if case .failure(.reply) = result { return }
            guard case .success(let left) = result else {
                core.loop.schedule(after: core.limits.acknowledgementRetryMilliseconds) { [weak self] in
                    if let self, !hasEnded { takeOver() }
                }
                return
            }
            core.counters.acknowledgementsDropped &+= UInt64(clamping: left.dropped)
            for message in left.messages {
                let attempts = Int(clamping: message.attempts)
                redelivery.takeOver(message.id, message.text, attempts: attempts, storedIn: core.redis.runID)
            }
            sendNext()
        }
    }

    /// The connection is gone, or will be; what is pending waits in Redis for the client's next one.
    func end() {
        hasEnded = true
        timer?.cancel()
    }

    private func store(_ messageID: String, _ text: [UInt8]) {
        guard let kept else { return }
        let script = AddAcknowledgementScript(
            messageID, text, in: kept, most: core.limits.pendingAcknowledgements,
            seconds: core.limits.acknowledgementSeconds)
        core.redis.run(script) { [weak self] result in
            guard let self, case .success(let isKept) = result else { return }
            redelivery.note(messageID, storedIn: core.redis.runID)
            // No room, or a later connection of this client has taken over.
            if !isKept { redelivery.forget(messageID) }
        }
    }

    // MARK: Sending again

    /// Has the timer fire when the next message is due.
    private func wake() {
        guard let due = redelivery.nextDue, firesAt.map({ due < $0 }) ?? true else { return }
        let now = core.loop.now
        schedule(after: due > now ? due - now : 0)
    }

    private func schedule(after milliseconds: UInt64) {
        guard !hasEnded else { return }
        timer?.cancel()
        firesAt = core.loop.now + milliseconds
        timer = core.loop.schedule(after: milliseconds) { [weak self] in
            guard let self, !hasEnded else { return }
            firesAt = nil
            redelivery.collectDue(now: core.loop.now)
            sendNext()
        }
    }

    /// Sends whatever waits for its turn, each once the connection has taken most of what was sent before.
    private func sendNext() {
        guard !isSending, !hasEnded else { return }
        guard redelivery.hasTurn else { return wake() }
        isSending = true
        let isTaken = session.connection.whenCaughtUp { [weak self] in
            guard let self, !hasEnded else { return }
            take(redelivery.nextTurn())
        }
        guard !isTaken else { return }
        isSending = false
        schedule(after: core.limits.acknowledgementRetryMilliseconds)
    }

    private func take(_ turn: Redelivery.Turn?) {
        guard let turn else { return goOn() }
        guard let attempt = turn.attempt else { return send(turn) }
        let most = redelivery.maxAttempts
        let ownVerdict: AttemptAcknowledgementScript.Verdict = attempt > most ? .dropped : .send
        guard let kept else { return settle(turn, ownVerdict) }
        // Where Redis was away, or has lost it, it is kept only now.
        if turn.message.storedIn != core.redis.runID { store(turn.id, turn.message.text) }
        core.redis.run(AttemptAcknowledgementScript(attempt, of: most, turn.id, in: kept)) { [weak self] result in
            self?.settle(turn, (try? result.get()) ?? ownVerdict)
        }
    }

    private func settle(_ turn: Redelivery.Turn, _ verdict: AttemptAcknowledgementScript.Verdict) {
        guard !hasEnded else { return }
        if verdict == .send { return send(turn) }
        if redelivery.forget(turn.id), verdict == .dropped { core.counters.acknowledgementsDropped += 1 }
        goOn()
    }

    private func send(_ turn: Redelivery.Turn) {
        // Acknowledged while Redis was asked, it is not sent.
        if redelivery[turn.id] != nil {
            session.conversation.send(text: turn.message.text)
            redelivery.didSend(turn.id, attempt: turn.attempt, now: core.loop.now)
        }
        goOn()
    }

    private func goOn() {
        isSending = false
        sendNext()
    }
}
