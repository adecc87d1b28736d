/// What Redis has of each task's viewers on one loop, as far as the loop knows, and what it must write.
///
/// Only the answer to the last write of a number makes it known. A write that is under way or failed may have been done
/// or not, so the number is written again, zero too: a task must not show a viewer for an hour that has left.
struct ViewerLedger<Task: Hashable> {
    /// A write to send. Its number comes back with the answer.
    struct Write: Equatable {
        let task: Task
        let viewers: Int
        let number: UInt64
    }

    private enum Stored: Equatable {
        case viewers(Int)
        /// The number that this write sets, if it is answered.
        case writing(UInt64)
        case unknown
    }

    /// A task that is missing here has no viewers in Redis.
    private var stored: [Task: Stored] = [:]
    private var due = DueWrites<Task>()
    /// Tasks whose writes are not answered yet. A write takes two commands to Redis: another write between them would
    /// mix with it.
    private var underWay: Set<Task> = []
    private var lastNumber: UInt64 = 0

    /// Whether anything waits to be written.
    var hasDue: Bool { !due.isEmpty }
    /// Milliseconds until the next write.
    func pause(at now: UInt64) -> UInt64 { due.pause(at: now) }

    /// A task got a viewer or lost one.
    mutating func didChange(_ task: Task) { due.insert(task) }

    /// Redis' counts may be gone, or another loop's: all tasks that have or had viewers are written again.
    mutating func doubtAll(watched: some Sequence<Task>) {
        for task in stored.keys { stored[task] = .unknown }
        due.insert(stored.keys)
        for task in watched {
            stored[task] = .unknown
            due.insert(task)
        }
    }

    /// The writes to send now, for at most so many tasks.
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

    /// Redis took a write.
    mutating func didWrite(_ write: Write) {
        due.didSucceed()
        underWay.remove(write.task)
        // The stored count was doubted meanwhile.
        guard stored[write.task] == .writing(write.number) else { return }
        stored[write.task] = write.viewers == 0 ? nil : .viewers(write.viewers)
    }

    /// Redis refused a write, or it is lost with the connection.
    mutating func didFail(_ write: Write, at now: UInt64, using random: inout some RandomNumberGenerator) {
        due.didFail([write.task], at: now, using: &random)
        underWay.remove(write.task)
        if stored[write.task] == .writing(write.number) { stored[write.task] = .unknown }
    }
}
