import Dialects

/// What the users of one loop have said to be, and what Redis may not have of that.
///
/// The last word of any of a user's connections wins, on whichever loop: each keeps the time of Redis at which it was
/// written first.
struct StatusLedger {
    /// What is to be written of one user.
    struct Entry: Equatable {
        let user: String
        let status: PresenceStatus
        /// Milliseconds of Redis' clock at which it was written first; nil where it was not.
        let milliseconds: Int64?
    }

    private var said: [String: (status: PresenceStatus, milliseconds: Int64?)] = [:]
    private var due: Set<String> = []

    /// A user says to be so; answers what is to be written.
    mutating func set(_ status: PresenceStatus, of user: String) -> [Entry] {
        said[user] = (status, nil)
        return entries([user])
    }

    /// The loop's last connection of a user has gone.
    mutating func forget(_ user: String) {
        said[user] = nil
        due.remove(user)
    }

    /// The data was lost, or the loop taken out.
    mutating func doubtAll() { due = Set(said.keys) }

    /// What Redis may not have, in parts of at most so many users.
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

    /// Redis has answered, with the time of each entry; none where it did not. What was not written, since Redis was away or the
    /// user is not counted yet, is tried again with the next heartbeat.
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
