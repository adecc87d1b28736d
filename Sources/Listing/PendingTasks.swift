import Events
import Store

/// The tasks that the keeper of the list has to read: those that wait, and those that it reads now. A task that changes
/// while it is read is read again afterwards, so that the list has its last state.
struct PendingTasks {
    private enum State {
        /// It waits. `listed` is its place in the list, if that is known.
        case waiting(listed: ListedTask?)
        case reading
        /// It is read now, and must be read again.
        case readingBefore(listed: ListedTask?)
    }

    /// Tasks that are read at the same time.
    private let atOnce: Int
    /// Tasks that wait at most.
    private let most: Int
    private var states: [Identifier: State] = [:]
    /// The tasks that wait.
    private var queue: [Identifier] = []
    /// Whether there was no room for a task since ``forgetOverrun()``.
    private(set) var isOverrun = false

    init(atOnce: Int, most: Int) { (self.atOnce, self.most) = (atOnce, most) }

    /// Whether nothing waits, and nothing is being read.
    var isEmpty: Bool { states.isEmpty }

    /// The task may have changed. `listed` is its place in the list, if that is known.
    mutating func add(_ task: Identifier, listed: ListedTask? = nil) {
        switch states[task] {
        case .waiting(let known): states[task] = .waiting(listed: listed ?? known)
        case .reading: states[task] = .readingBefore(listed: listed)
        case .readingBefore(let known): states[task] = .readingBefore(listed: listed ?? known)
        case nil: wait(task, listed)
        }
    }

    private mutating func wait(_ task: Identifier, _ listed: ListedTask?) {
        guard queue.count < most else {
            isOverrun = true
            return
        }
        states[task] = .waiting(listed: listed)
        queue.append(task)
    }

    /// The next task to read, and its place in the list, if that is known; nil where none may be read now.
    mutating func next() -> (task: Identifier, listed: ListedTask?)? {
        guard states.count - queue.count < atOnce, let task = queue.popLast() else { return nil }
        guard case .waiting(let listed) = states.updateValue(.reading, forKey: task) else { return nil }
        return (task, listed)
    }

    /// The list has what was read of the task, or Redis did not answer.
    mutating func finish(_ task: Identifier) {
        let state = states.removeValue(forKey: task)
        if case .readingBefore(let listed) = state { wait(task, listed) }
    }

    /// All tasks are about to be looked at, so none is missed.
    mutating func forgetOverrun() { isOverrun = false }

    /// Forgets what waits: another loop keeps the list.
    mutating func forgetWaiting() {
        for task in queue { states[task] = nil }
        queue = []
        for task in states.keys { states[task] = .reading }
    }
}
