import Dialects
import RESP
import Redis
import Store

/// Writes the statuses of one loop's users to Redis, when they are set and again after a loss.
final class UserStatuses {
    private let store: PresenceStore
    private var ledger = StatusLedger()

    init(store: PresenceStore) { self.store = store }

    /// What a user said, where it did.
    func said(by user: String) -> PresenceStatus? { ledger.status(of: user) }

    /// A user sets its status.
    func set(_ status: PresenceStatus, of user: String) { write(ledger.set(status, of: user)) }

    /// A user's last connection on this loop closed.
    func forget(_ user: String) { ledger.forget(user) }

    /// Writes all of them again: Redis lost the data, or the loop was reaped.
    func repeatAll() {
        ledger.doubtAll()
        flush()
    }

    /// Writes those that Redis may not have, in calls of a bounded size.
    func flush() { ledger.takeDue(chunk: PresenceLimits.chunk).forEach(write) }

    private func write(_ entries: [StatusLedger.Entry]) {
        let said = entries.map {
            SetStatusesScript.Entry(user: $0.user, status: $0.status.rawValue, milliseconds: $0.milliseconds)
        }
        store.run(SetStatusesScript(said, keys: store.keys)) { [weak self] result in
            self?.ledger.receive(times: (try? result.get()) ?? [], of: entries)
        }
    }
}
