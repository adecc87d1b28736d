import Dialects
import EventLoop
import RedisClient
import Tasks

/// What a client of `topics` has got and not acknowledged: sent again, a bounded number of times.
///
/// A user's are also kept in Redis, so that the same client finds them again on any node; a holder of the fixed token has
/// them as long as its connection.
final class Acknowledgements {
    private struct Pending {
        let text: [UInt8]
        var attempts: Int
        var timer: Timer?
    }

    private unowned let session: Session
    private let key: String?
    private let holder: String
    private var pending: [String: Pending] = [:]

    private var core: LoopCore { session.core }
    private var maxAttempts: Int { core.limits.redeliveryMilliseconds.count }

    init(session: Session) {
        self.session = session
        key = session.user.map {
            session.core.shared.configuration.naming.acknowledgementsKey(user: $0, client: session.clientID)
        }
        // Thirteen digits of time until the year 2286: later connections are greater.
        holder = "\(WallClock.now) \(session.core.events.origin) \(session.connection.id)"
    }

    // MARK: Messages

    /// A message has been sent that the client is to acknowledge.
    func expect(_ messageID: String, _ text: [UInt8]) {
        guard pending[messageID] == nil, pending.count < core.limits.pendingAcknowledgements else { return }
        wait(for: messageID, Pending(text: text, attempts: 0))
        run(
            RedisScripts.addAcknowledgement,
            [
                holder, messageID, String(decoding: text, as: UTF8.self), "\(core.limits.pendingAcknowledgements)",
                "\(core.limits.acknowledgementSeconds)",
            ])
    }

    /// The client has it. Twice is harmless.
    func acknowledge(_ messageID: String) {
        pending.removeValue(forKey: messageID)?.timer?.cancel()
        run(RedisScripts.removeAcknowledgement, [messageID])
    }

    /// Sends what an earlier connection of this client left unacknowledged, wherever that was.
    func takeOver() {
        run(RedisScripts.takeOverAcknowledgements, [holder, "\(maxAttempts)"]) { [weak self] reply in
            guard let self, case .array(let fields) = reply, let dropped = fields.first?.integer else { return }
            core.counters.acknowledgementsDropped += UInt64(clamping: dropped)
            for place in stride(from: 1, to: fields.count - 2, by: 3) {
                guard let id = fields[place].string, let attempts = fields[place + 1].integer,
                    let text = fields[place + 2].bytes
                else { continue }
                session.conversation.send(text: text)
                if pending[id] == nil { wait(for: id, Pending(text: text, attempts: Int(attempts))) }
            }
        }
    }

    /// The connection is gone; what is pending waits in Redis for the client's next one.
    func end() {
        for entry in pending.values { entry.timer?.cancel() }
        pending = [:]
    }

    // MARK: Sending again

    private func wait(for messageID: String, _ entry: Pending) {
        var entry = entry
        let delay = core.limits.redeliveryMilliseconds[min(entry.attempts, maxAttempts - 1)]
        entry.timer = core.loop.schedule(after: delay) { [weak self] in self?.isDue(messageID) }
        pending[messageID] = entry
    }

    private func isDue(_ messageID: String) {
        guard let entry = pending[messageID] else { return }
        guard key != nil else {
            return attempt(messageID, number: entry.attempts + 1 > maxAttempts ? -1 : Int64(entry.attempts + 1))
        }
        run(RedisScripts.attemptAcknowledgement, [holder, messageID, "\(maxAttempts)"]) { [weak self] reply in
            self?.attempt(messageID, number: reply?.integer)
        }
    }

    /// `number`: 0 when it was acknowledged elsewhere, -1 after the last attempt, nil when Redis is away.
    private func attempt(_ messageID: String, number: Int64?) {
        guard var entry = pending.removeValue(forKey: messageID) else { return }
        guard let number else { return wait(for: messageID, entry) }
        guard number > 0 else {
            if number < 0 { core.counters.acknowledgementsDropped += 1 }
            return
        }
        entry.attempts = Int(number)
        session.conversation.send(text: entry.text)
        wait(for: messageID, entry)
    }

    private func run(_ script: RedisScript, _ arguments: [String], _ then: ((RedisValue?) -> Void)? = nil) {
        guard let key else { return }
        core.redis.run(script, keys: [key], arguments: arguments.map { Array($0.utf8) }) { result in
            then?(try? result.get())
        }
    }
}
