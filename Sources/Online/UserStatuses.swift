package import Dialects
import RESP
import Redis
import Store

/// Writes to Redis what the users of one loop say to be, when they say so and again after a loss.
package final class UserStatuses {
    private let store: PresenceStore
    private var ledger = StatusLedger()

    init(store: PresenceStore) { self.store = store }

    /// A user says to be so.
    package func set(_ status: PresenceStatus, of user: String) { write(ledger.set(status, of: user)) }

    /// The loop's last connection of a user has gone.
    func forget(_ user: String) { ledger.forget(user) }

    /// Writes all of them again: the data was lost, or the loop taken out.
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
