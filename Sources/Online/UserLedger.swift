/// One loop's connected users, the counts that Redis may not have yet, and the clients that wait to be counted.
///
/// Redis holds absolute numbers. A loop writes them after every change, and again after anything that may have lost
/// one, so a repeated or lost write cannot make them wrong for long.
struct UserLedger<Waiter> {
    /// The numbers of one call.
    struct Write {
        struct Entry: Equatable {
            let user: String
            /// The user's connections on this loop; 0 removes the user.
            let connections: Int
        }

        let entries: [Entry]
        /// WebSockets of the loop, with or without a user.
        let connections: Int
        /// Whether Redis may have had all of them before: then no user came or went.
        let isRepeated: Bool
        /// The waiters of each entry.
        let waiters: [[Waiter]]
    }

    /// Connections of each user.
    private(set) var users: [String: Int] = [:]
    /// WebSockets of the loop, with or without a user.
    private(set) var connections = 0
    private var connectionsChanged = false
    private var due = DueWrites<String>()
    private var allAreDue = false
    private var waiting: [String: [Waiter]] = [:]
    /// Users in one write.
    private let chunk: Int

    init(chunk: Int) { self.chunk = chunk }

    /// A WebSocket has opened.
    mutating func didConnect() { (connections, connectionsChanged) = (connections + 1, true) }
    /// A WebSocket has closed.
    mutating func didDisconnect() { (connections, connectionsChanged) = (connections - 1, true) }

    /// A connection belongs to a user from now on.
    mutating func join(_ user: String) {
        users[user, default: 0] += 1
        due.insert(user)
    }

    /// A connection of a user closed; returns whether it was the user's last one here.
    mutating func leave(_ user: String) -> Bool {
        guard let count = users[user] else { return false }
        users[user] = count > 1 ? count - 1 : nil
        due.insert(user)
        return count == 1
    }

    /// Redis counts this user for the loop, and the loop does not have it.
    mutating func doubt(_ user: String) {
        if users[user] == nil { due.insert(user) }
    }

    /// Adds a waiter until the user is counted.
    mutating func wait(_ waiter: Waiter, for user: String) { waiting[user, default: []].append(waiter) }

    /// Removes and returns all waiters: their users will not be counted now.
    mutating func takeWaiting() -> [Waiter] {
        defer { waiting = [:] }
        return Array(waiting.values.joined())
    }

    // MARK: Writing

    /// Whether there is anything to write.
    var hasDue: Bool { !due.isEmpty || connectionsChanged || allAreDue }
    /// Whether all users must be written again.
    var mustWriteAll: Bool { allAreDue }
    /// Whether Redis refused a write just now: the next one comes after a pause.
    func isPausing(at now: UInt64) -> Bool { due.pause(at: now) > 0 }

    /// The changes since the last time; none during a pause.
    mutating func takeDue(at now: UInt64) -> [Write] {
        guard !due.isEmpty || connectionsChanged, !isPausing(at: now) else { return [] }
        connectionsChanged = false
        let taken = due.take(at: now)
        // The number of connections is written even where no user has changed.
        return taken.isEmpty ? [write([], isRepeated: false)] : writes(taken, isRepeated: false)
    }

    /// All users. Those that Redis may not have come first, and are announced. Nil during a pause: all stay due.
    mutating func takeAll(at now: UInt64) -> [Write]? {
        allAreDue = isPausing(at: now)
        guard !allAreDue else { return nil }
        let new = due.keys
        connectionsChanged = true
        return takeDue(at: now) + writes(users.keys.filter { !new.contains($0) }, isRepeated: true)
    }

    private mutating func writes(_ users: [String], isRepeated: Bool) -> [Write] {
        stride(from: 0, to: users.count, by: chunk).map {
            write(Array(users[$0..<min($0 + chunk, users.count)]), isRepeated: isRepeated)
        }
    }

    private mutating func write(_ batch: [String], isRepeated: Bool) -> Write {
        Write(
            entries: batch.map { Write.Entry(user: $0, connections: users[$0] ?? 0) }, connections: connections,
            isRepeated: isRepeated, waiters: batch.map { waiting.removeValue(forKey: $0) ?? [] })
    }

    /// Redis took a write.
    mutating func didWrite() { due.didSucceed() }

    /// Redis does not know the loop: the write is repeated under the next name.
    mutating func didLose(_ write: Write) {
        remember(write)
        if !write.isRepeated { due.insert(write.entries.map(\.user)) }
    }

    /// Redis refused a write, or it is lost with the connection: it is repeated after a pause.
    mutating func didFail(_ write: Write, at now: UInt64, using random: inout some RandomNumberGenerator) {
        remember(write)
        due.didFail(write.isRepeated ? [] : write.entries.map(\.user), at: now, using: &random)
    }

    private mutating func remember(_ write: Write) {
        connectionsChanged = true
        if write.isRepeated { allAreDue = true }
    }
}
