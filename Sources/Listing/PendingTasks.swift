import Events
import Store

/// The tasks that the keeper of the list has to read: those that wait, in the order in which they came, and those that it
/// reads now. A task that changes while it is read is read again afterwards, so that the list has its last state. A task that
/// could not be read waits for ``retry()``.
struct PendingTasks {
    private enum State {
        /// It waits. `listed` is its place in the list, if that is known.
        case waiting(listed: ListedTask?)
        case reading(listed: ListedTask?)
        /// It is read now, and must be read again.
        case readingBefore(listed: ListedTask?)
        case failed(listed: ListedTask?)
    }

    /// Tasks that are read at the same time.
    private let atOnce: Int
    /// Tasks that wait at most, those included that could not be read.
    private let most: Int
    private var states: [Identifier: State] = [:]
    private var queue = Queue()
    private var reading = 0
    /// Whether there was no room for a task since ``forgetOverrun()``.
    private(set) var isOverrun = false

    init(atOnce: Int, most: Int) { (self.atOnce, self.most) = (atOnce, most) }

    /// Whether so few tasks wait that more may be looked for.
    var isWanting: Bool { queue.count < atOnce }

    /// The task may have changed. `listed` is its place in the list, if that is known.
    mutating func add(_ task: Identifier, listed: ListedTask? = nil) {
        switch states[task] {
        case .waiting(let known): states[task] = .waiting(listed: listed ?? known)
        case .reading: states[task] = .readingBefore(listed: listed)
        case .readingBefore(let known): states[task] = .readingBefore(listed: listed ?? known)
        case .failed(let known): wait(task, listed ?? known)
        case nil:
            guard states.count - reading < most else { return isOverrun = true }
            wait(task, listed)
        }
    }

    private mutating func wait(_ task: Identifier, _ listed: ListedTask?) {
        states[task] = .waiting(listed: listed)
        queue.append(task)
    }

    /// The next task to read, and its place in the list, if that is known; nil where none may be read now.
    mutating func next() -> (task: Identifier, listed: ListedTask?)? {
        guard reading < atOnce, let task = queue.popFirst(), case .waiting(let listed) = states[task] else {
            return nil
        }
        states[task] = .reading(listed: listed)
        reading += 1
        return (task, listed)
    }

    /// The list has what was read of the task.
    mutating func finish(_ task: Identifier) {
        guard let state = states[task] else { return }
        end(task, state, next: nil)
    }

    /// The task could not be read, or not be written.
    mutating func fail(_ task: Identifier) {
        guard case .reading(let listed) = states[task] else { return finish(task) }
        end(task, .reading(listed: nil), next: .failed(listed: listed))
    }

    private mutating func end(_ task: Identifier, _ state: State, next: State?) {
        switch state {
        case .waiting, .failed: return
        case .reading: states[task] = next
        case .readingBefore(let listed): wait(task, listed)
        }
        reading -= 1
    }

    /// Tasks that could not be read wait again.
    mutating func retry() {
        for (task, state) in states { if case .failed(let listed) = state { wait(task, listed) } }
    }

    /// All tasks are about to be looked at, so none is missed.
    mutating func forgetOverrun() { isOverrun = false }

    /// Forgets what waits: another loop keeps the list.
    mutating func forgetWaiting() {
        queue = Queue()
        for (task, state) in states {
            switch state {
            case .waiting, .failed: states[task] = nil
            case .reading, .readingBefore: states[task] = .reading(listed: nil)
            }
        }
    }
}

/// First in, first out.
private struct Queue {
    private var tasks: [Identifier] = []
    private var first = 0

    var count: Int { tasks.count - first }

    mutating func append(_ task: Identifier) { tasks.append(task) }

    mutating func popFirst() -> Identifier? {
        guard first < tasks.count else { return nil }
        defer {
            first += 1
            // Moves what is left each time that half of the tasks are gone: constant work for each.
            if first * 2 > tasks.count {
                tasks.removeFirst(first)
                first = 0
            }
        }
        return tasks[first]
    }
}
