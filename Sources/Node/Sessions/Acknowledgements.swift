import Events
import Dialects
import EventLoop
import RESP
import Redis
import Tasks

/// What a client of `topics` has got and not acknowledged: sent again, a bounded number of times.
///
/// A user's are also kept in Redis, so that the same client finds them again on any node; a holder of the fixed token has
/// them as long as its connection. They are sent one after the other, as the connection takes them.
final class Acknowledgements {
    private unowned let session: Session
    private let key: String?
    private let holder: String
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
        key = session.user.map {
            session.core.shared.configuration.naming.acknowledgementsKey(user: $0, client: session.clientID)
        }
        // Thirteen digits of time until the year 2286: later connections are greater.
        holder = "\(WallClock.now) \(session.core.events.origin) \(session.connection.id)"
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
        run(RedisScripts.removeAcknowledgement, [messageID])
    }

    /// Sends what an earlier connection of this client left unacknowledged, wherever that was: at once, or once Redis can be
    /// asked.
    func takeOver() {
        let arguments = [holder, "\(core.limits.acknowledgementSeconds)"]
        run(RedisScripts.takeOverAcknowledgements, arguments) { [weak self] result in
            guard let self, !hasEnded else { return }
            // What Redis refuses it will refuse again.
            if case .failure(.reply) = result { return }
            guard case .success(.array(let fields)) = result, let dropped = fields.first?.integer else {
                core.loop.schedule(after: core.limits.acknowledgementRetryMilliseconds) { [weak self] in
                    if let self, !hasEnded { takeOver() }
                }
                return
            }
            core.counters.acknowledgementsDropped &+= UInt64(clamping: dropped)
            for place in stride(from: 1, to: fields.count - 2, by: 3) {
                guard let id = fields[place].string, let attempts = fields[place + 1].integer,
                    let text = fields[place + 2].bytes
                else { continue }
                redelivery.takeOver(id, text, attempts: Int(clamping: attempts), storedIn: core.redis.runID)
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
        let arguments = [
            holder, messageID, String(decoding: text, as: UTF8.self), "\(core.limits.pendingAcknowledgements)",
            "\(core.limits.acknowledgementSeconds)",
        ]
        run(RedisScripts.addAcknowledgement, arguments) { [weak self] result in
            guard let self, case .success(let reply) = result else { return }
            redelivery.note(messageID, storedIn: core.redis.runID)
            // No room, or a later connection of this client has taken over.
            if reply.integer == 0 { redelivery.forget(messageID) }
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
        let ownVerdict: Int64 = attempt > most ? -1 : 1
        guard key != nil else { return settle(turn, ownVerdict) }
        // Where Redis was away, or has lost it, it is kept only now.
        if turn.message.storedIn != core.redis.runID { store(turn.id, turn.message.text) }
        run(RedisScripts.attemptAcknowledgement, [holder, turn.id, "\(attempt)", "\(most)"]) { [weak self] result in
            self?.settle(turn, (try? result.get())?.integer ?? ownVerdict)
        }
    }

    /// `verdict`: 0 when it was acknowledged elsewhere, -1 after the last attempt.
    private func settle(_ turn: Redelivery.Turn, _ verdict: Int64) {
        guard !hasEnded else { return }
        if verdict > 0 { return send(turn) }
        if redelivery.forget(turn.id), verdict < 0 { core.counters.acknowledgementsDropped += 1 }
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

    private func run(
        _ script: RedisScript, _ arguments: [String],
        _ then: @escaping (Result<RedisValue, RedisError>) -> Void = { _ in }
    ) {
        guard let key else { return }
        core.redis.run(script, keys: [key], arguments: arguments.map { Array($0.utf8) }, then)
    }
}
