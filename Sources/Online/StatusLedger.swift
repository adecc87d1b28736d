import Dialects

/// The statuses that one loop's users set, and those that Redis may not have.
///
/// The last status that any of a user's connections set wins, on whichever loop: each keeps the time of Redis at which
/// it was first written.
struct StatusLedger {
    /// One user's status to write.
    struct Entry: Equatable {
        let user: String
        let status: PresenceStatus
        /// Milliseconds of Redis' clock at which it was first written; nil where it was not yet.
        let milliseconds: Int64?
    }

    private var said: [String: (status: PresenceStatus, milliseconds: Int64?)] = [:]
    private var due: Set<String> = []

    /// A user sets its status; returns the entry to write.
    mutating func set(_ status: PresenceStatus, of user: String) -> [Entry] {
        said[user] = (status, nil)
        return entries([user])
    }

    /// What a user said, where it did.
    func status(of user: String) -> PresenceStatus? { said[user]?.status }

    /// A user's last connection on this loop closed.
    mutating func forget(_ user: String) {
        said[user] = nil
        due.remove(user)
    }

    /// Redis lost the data, or the loop was reaped.
    mutating func doubtAll() { due = Set(said.keys) }

    /// The statuses that Redis may not have, in chunks of users.
    mutating func takeDue(chunk: Int) -> [[Entry]] {
        let users = Array(due)
        due = []
        return stride(from: 0, to: users.count, by: chunk).map { entries(users[$0..<min($0 + chunk, users.count)]) }
            .filter { !$0.isEmpty }
    }

    private func entries(_ users: some Sequence<String>) -> [Entry] {
        users.compactMap { user in
            said[user].map { Entry(user: user, status: $0.status, milliseconds: $0.milliseconds) }
        }
    }

    /// Redis answered with the time of each entry; with none where it did not answer. An entry that was not written,
    /// since Redis was away or the user does not count yet, is tried again with the next heartbeat.
    mutating func receive(times: [Int64?], of entries: [Entry]) {
        for (place, entry) in entries.enumerated() {
            guard let now = said[entry.user] else { continue }
            guard place < times.count, let time = times[place] else {
                due.insert(entry.user)
                continue
            }
            guard now.status == entry.status else { continue }
            said[entry.user]?.milliseconds = max(now.milliseconds ?? 0, time)
        }
    }
}
