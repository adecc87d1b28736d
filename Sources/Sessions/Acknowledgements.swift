import Connections
import Telemetry
import Settings
import Dialects
import EventLoop
import Events
import RESP
import Redis
import Store

/// Messages that a client has not acknowledged: sent again, a bounded number of times. ``Redelivery`` decides when.
///
/// Redis also keeps a user's messages, so that the same client finds them again on any node. A holder of the fixed
/// token has them as long as its connection. They are sent one after the other, as the connection takes them.
final class Acknowledgements {
    private unowned let session: Session
    private let store: AcknowledgementStore
    private let place: AcknowledgementsKept?
    private var redelivery: Redelivery
    private var timer: Timer?
    /// When ``timer`` fires.
    private var firesAt: UInt64?
    /// Whether a message is being sent, or waits for the connection.
    private var isSending = false
    private var hasEnded = false

    private var loop: EventLoop { session.viewers.loop }
    private var limits: NodeLimits { session.viewers.limits }

    init(session: Session) {
        self.session = session
        let store = session.services.acknowledgements
        self.store = store
        place = session.user.map {
            store.place(user: $0, client: session.clientID, connection: session.connection.id)
        }
        let limits = session.viewers.limits
        redelivery = Redelivery(delays: limits.redeliveryMilliseconds, most: limits.pendingAcknowledgements)
    }

    // MARK: Messages

    /// The client was sent a message that it must acknowledge.
    func expect(_ messageID: String, _ text: [UInt8]) {
        guard !hasEnded else { return }
        defer { wake() }
        guard redelivery.expect(messageID, text, now: loop.now) else { return }
        keep(messageID, text)
    }

    /// The client acknowledged the message. A second acknowledgement changes nothing.
    func acknowledge(_ messageID: String) {
        redelivery.forget(messageID)
        if let place { store.remove(messageID, at: place) }
    }

    /// Sends the messages that an earlier connection of this client left unacknowledged, on any node: at once, or once
    /// Redis can be asked.
    func takeOver() {
        guard let place else { return }
        store.takeOver(place) { [weak self] result in
            guard let self, !hasEnded else { return }
            // Redis would refuse the same again.
            if case .failure(.reply) = result { return }
            guard case .success(let left) = result else { return takeOverLater() }
            session.viewers.tally.counters.acknowledgementsDropped &+= UInt64(clamping: left.dropped)
            for message in left.messages {
                redelivery.takeOver(
                    message.id, message.text, attempts: Int(clamping: message.attempts),
                    storedIn: store.runID(at: place))
            }
            sendNext()
        }
    }

    private func takeOverLater() {
        loop.schedule(after: limits.acknowledgementRetryMilliseconds) { [weak self] in
            if let self, !hasEnded { takeOver() }
        }
    }

    /// The connection ends. Unacknowledged messages wait in Redis for the client's next one.
    func end() {
        hasEnded = true
        timer?.cancel()
    }

    private func keep(_ messageID: String, _ text: [UInt8]) {
        guard let place else { return }
        store.add(messageID, text, at: place) { [weak self] isKept in
            guard let self, let isKept else { return }
            redelivery.didStore(messageID, in: store.runID(at: place))
            if !isKept { redelivery.forget(messageID) }
        }
    }

    // MARK: Sending again

    /// Sets the timer to when the next message is due.
    private func wake() {
        guard let due = redelivery.nextDue, firesAt.map({ due < $0 }) ?? true else { return }
        let now = loop.now
        schedule(after: due > now ? due - now : 0)
    }

    private func schedule(after milliseconds: UInt64) {
        guard !hasEnded else { return }
        timer?.cancel()
        firesAt = loop.now + milliseconds
        timer = loop.schedule(after: milliseconds) { [weak self] in
            guard let self, !hasEnded else { return }
            firesAt = nil
            redelivery.collectDue(now: loop.now)
            sendNext()
        }
    }

    /// Sends the messages whose turn it is, each once the connection has taken most of what was sent before.
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
        schedule(after: limits.acknowledgementRetryMilliseconds)
    }

    private func take(_ turn: Redelivery.Turn?) {
        guard let turn else { return goOn() }
        guard let place, let attempt = turn.attempt else { return settle(turn, redelivery.verdict(on: turn)) }
        // Where Redis was away, or has lost the message, Redis gets it only now.
        if turn.message.storedIn != store.runID(at: place) { keep(turn.id, turn.message.text) }
        store.attempt(attempt, of: redelivery.maxAttempts, turn.id, at: place) { [weak self] verdict in
            guard let self else { return }
            settle(turn, verdict ?? redelivery.verdict(on: turn))
        }
    }

    private func settle(_ turn: Redelivery.Turn, _ verdict: Redelivery.Verdict) {
        guard !hasEnded else { return }
        switch redelivery.settle(turn, verdict, now: loop.now) {
        case .send: session.send(text: turn.message.text)
        case .dropped: session.viewers.tally.counters.acknowledgementsDropped += 1
        case .settled: break
        }
        goOn()
    }

    private func goOn() {
        isSending = false
        sendNext()
    }
}
