import Events
import Dialects
import Redis
import Store

/// What the users of one loop have said to be, written to Redis when they say so and again after a loss.
///
/// The last word of any of a user's connections wins, on whichever loop: each keeps the time of Redis at which it was
/// written first.
final class UserStatuses {
    private struct Said {
        let status: PresenceStatus
        /// Nil until Redis has it.
        var milliseconds: Int64?
    }

    private unowned let keeper: PresenceKeeper
    private var said: [String: Said] = [:]
    /// Those that Redis may not have.
    private var due: Set<String> = []

    init(keeper: PresenceKeeper) { self.keeper = keeper }

    /// A user says to be so.
    func set(_ status: PresenceStatus, of user: String) {
        said[user] = Said(status: status)
        write([user])
    }

    /// The loop's last connection of a user has gone.
    func forget(_ user: String) {
        said[user] = nil
        due.remove(user)
    }

    /// Writes all of them again: the data was lost, or the loop taken out.
    func repeatAll() {
        due = Set(said.keys)
        flush()
    }

    /// Writes those that Redis may not have, in calls of a bounded size.
    func flush() {
        guard !due.isEmpty else { return }
        var rest = Array(due)[...]
        due = []
        while !rest.isEmpty {
            write(Array(rest.prefix(PresenceLimits.chunk)))
            rest = rest.dropFirst(PresenceLimits.chunk)
        }
    }

    private func write(_ users: [String]) {
        let batch = users.compactMap { user in said[user].map { (user: user, said: $0) } }
        guard !batch.isEmpty else { return }
        let entries = batch.map {
            SetStatusesScript.Entry(
                user: $0.user, status: $0.said.status.rawValue, milliseconds: $0.said.milliseconds)
        }
        keeper.core.redis.run(SetStatusesScript(entries, keys: keeper.keys)) { [weak self] result in
            guard let self else { return }
            let times = (try? result.get()) ?? Array(repeating: nil, count: batch.count)
            for (entry, time) in zip(batch, times) where said[entry.user] != nil {
                // Not written: Redis was away, or the user is not counted yet. The next heartbeat tries again.
                guard let time else {
                    due.insert(entry.user)
                    continue
                }
                guard var now = said[entry.user], now.status == entry.said.status else { continue }
                now.milliseconds = max(now.milliseconds ?? 0, time)
                said[entry.user] = now
            }
        }
    }
}
