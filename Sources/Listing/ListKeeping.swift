import Events
import RESP
import Settings
import Store

/// Whether a loop keeps the list of tasks, and what it does next for it. Decides, and does nothing itself.
struct ListKeeping {
    /// What the loop does.
    enum Action: Equatable {
        /// Reads a task, and writes its place. `listed` is the place that the list has, if that is known.
        case read(Identifier, listed: ListedTask?)
        /// Reads a portion of a server's keys, for the walk of this number.
        case scan(RedisEndpoint.Address, cursor: String?, walk: Int)
        /// Takes listed tasks that Redis may have deleted.
        case takeDue
    }

    private enum Walk: Equatable {
        case none
        case due
        /// Under way. `isAsked`: a portion is being read. `again`: it must be followed by another.
        case walking(TaskWalk, isAsked: Bool, again: Bool)
    }

    private enum State {
        /// Another loop has the lease, or none.
        case waiting
        case keeping(Walk)
    }

    /// Whether listed tasks are to be looked at that Redis may have deleted.
    private enum Due { case none, wanted, asked }

    private let limits: ListLimits
    private var state = State.waiting
    private var pending: PendingTasks
    private var due = Due.none
    /// The number of the last walk: an answer to an earlier one comes too late.
    private var walkNumber = 0
    /// When the next walk is due without any reason, by the loop's clock in milliseconds.
    private var nextWalk: UInt64 = 0
    /// When tasks without room may make a walk due, by the same clock.
    private var nextOverrun: UInt64 = 0

    init(_ limits: ListLimits) {
        self.limits = limits
        pending = PendingTasks(atOnce: limits.atOnce, most: limits.waiting)
    }

    /// Whether the loop keeps the list.
    var isKeeper: Bool { if case .keeping = state { true } else { false } }

    // MARK: The lease

    /// The loop has the lease; `isNew`: it had none until now, so others may have missed changes.
    mutating func lease(isNew: Bool, now: UInt64) {
        if isNew || !isKeeper { state = .keeping(.due) }
        if now >= nextWalk { mayHaveMissed() }
        walkForOverrun(now)
        pending.retry()
        if due == .none { due = .wanted }
    }

    /// Tasks had no room. A walk under way, which may be beyond them, ends first.
    private mutating func walkForOverrun(_ now: UInt64) {
        guard pending.isOverrun, now >= nextOverrun else { return }
        if case .keeping(.walking) = state { return }
        nextOverrun = now + limits.overrunMilliseconds
        mayHaveMissed()
    }

    /// Another loop has the lease.
    mutating func lose() {
        state = .waiting
        due = .none
        pending.forgetWaiting()
    }

    // MARK: What may have changed

    /// A task began, ended, runs again, or got an owner.
    mutating func change(_ task: Identifier) { if isKeeper { pending.add(task) } }

    /// The loop may have missed such a task, or Redis has lost what the loop wrote.
    mutating func mayHaveMissed() {
        switch state {
        case .waiting: break
        case .keeping(.none), .keeping(.due): state = .keeping(.due)
        case .keeping(.walking(let walk, let isAsked, _)):
            state = .keeping(.walking(walk, isAsked: isAsked, again: true))
        }
    }

    /// Redis may have deleted these listed tasks. `isMore`: there are more of them.
    mutating func didTakeDue(_ tasks: [ListedTask], isMore: Bool) {
        guard isKeeper else { return }
        due = isMore ? .wanted : .none
        for task in tasks { pending.add(task.id, listed: task) }
    }

    // MARK: What comes next

    /// The next action; nil until something happens. `servers` are those that take writes.
    mutating func next(servers: [RedisEndpoint.Address], now: UInt64) -> Action? {
        guard case .keeping(let walk) = state else { return nil }
        if let (task, listed) = pending.next() { return .read(task, listed: listed) }
        guard pending.isWanting else { return nil }
        if due == .wanted {
            due = .asked
            return .takeDue
        }
        switch walk {
        case .none: return nil
        case .due:
            begin(servers, now: now)
            return next(servers: servers, now: now)
        case .walking(let walk, let isAsked, let again):
            guard !isAsked else { return nil }
            guard let (server, cursor) = walk.portion else {
                state = .keeping(again ? .due : .none)
                return again ? next(servers: servers, now: now) : nil
            }
            state = .keeping(.walking(walk, isAsked: true, again: again))
            return .scan(server, cursor: cursor, walk: walkNumber)
        }
    }

    private mutating func begin(_ servers: [RedisEndpoint.Address], now: UInt64) {
        walkNumber += 1
        nextWalk = now + limits.walkMilliseconds
        pending.forgetOverrun()
        state = .keeping(.walking(TaskWalk(servers), isAsked: false, again: false))
    }

    /// A portion of the keys was read for the walk of this number.
    mutating func didScan(_ tasks: [Identifier], next: String?, walk number: Int) {
        guard number == walkNumber, case .keeping(.walking(var walk, true, let again)) = state else { return }
        walk.didScan(next: next)
        state = .keeping(.walking(walk, isAsked: false, again: again))
        for task in tasks { pending.add(task) }
    }

    /// A portion could not be read. The walk ends, and another is due: `isRefused` means that it would be refused again.
    mutating func didFailToScan(walk number: Int, isRefused: Bool, now: UInt64) {
        guard number == walkNumber, case .keeping(.walking(_, true, _)) = state else { return }
        state = .keeping(.none)
        if !isRefused { nextWalk = now + limits.walkRetryMilliseconds }
    }

    /// The list has what was read of the task.
    mutating func didWrite(_ task: Identifier) { pending.finish(task) }

    /// The task could not be read, or not be written: it is read again with the next renewal of the lease.
    mutating func didFail(_ task: Identifier) { pending.fail(task) }

    /// Listed tasks could not be taken.
    mutating func didFailToTakeDue() { due = .none }
}
