/// What Redis has of each task's viewers on one loop, as far as is known, and what is to be written.
///
/// A number is known only by the answer to the last write of it. What is under way or has failed may have been written or
/// not, so it is written again, zero too: a task must not show for an hour a viewer that has left.
struct ViewerLedger<Task: Hashable> {
    /// A write that is to be sent. Its number comes back with the answer.
    struct Write: Equatable {
        let task: Task
        let viewers: Int
        let number: UInt64
    }

    private enum Stored: Equatable {
        case viewers(Int)
        /// As the write of this number will have it, if it is answered.
        case writing(UInt64)
        case unknown
    }

    /// A task that is not there has no viewers in Redis.
    private var stored: [Task: Stored] = [:]
    private var due = DueWrites<Task>()
    /// Tasks whose writes are not answered yet. A write takes two commands to Redis: another one between them would leave a
    /// part of each.
    private var underWay: Set<Task> = []
    private var lastNumber: UInt64 = 0

    /// Whether anything waits to be written.
    var hasDue: Bool { !due.isEmpty }
    /// Milliseconds until something may be written.
    func pause(at now: UInt64) -> UInt64 { due.pause(at: now) }

    /// Somebody has begun to watch, or ceased to.
    mutating func didChange(_ task: Task) { due.insert(task) }

    /// What is stored may be gone, or another's: all that is watched is written again, and all that was.
    mutating func doubtAll(watched: some Sequence<Task>) {
        for task in stored.keys { stored[task] = .unknown }
        due.insert(stored.keys)
        for task in watched {
            stored[task] = .unknown
            due.insert(task)
        }
    }

    /// What is to be written now, of at most so many tasks.
    mutating func take(atMost most: Int, at now: UInt64, viewers: (Task) -> Int) -> [Write] {
        let taken = due.take(atMost: most, at: now)
        due.insert(taken.filter(underWay.contains))
        return taken.compactMap { task in
            let count = viewers(task)
            guard !underWay.contains(task), stored[task] ?? .viewers(0) != .viewers(count) else { return nil }
            lastNumber += 1
            stored[task] = .writing(lastNumber)
            underWay.insert(task)
            return Write(task: task, viewers: count, number: lastNumber)
        }
    }

    /// Redis has taken a write.
    mutating func didWrite(_ write: Write) {
        due.didSucceed()
        underWay.remove(write.task)
        // What is stored was doubted meanwhile.
        guard stored[write.task] == .writing(write.number) else { return }
        stored[write.task] = write.viewers == 0 ? nil : .viewers(write.viewers)
    }

    /// Redis has refused a write, or it is lost with the connection.
    mutating func didFail(_ write: Write, at now: UInt64, using random: inout some RandomNumberGenerator) {
        due.didFail([write.task], at: now, using: &random)
        underWay.remove(write.task)
        if stored[write.task] == .writing(write.number) { stored[write.task] = .unknown }
    }
}
