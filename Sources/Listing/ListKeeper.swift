package import EventLoop
import Events
import RESP
package import Redis
package import Settings
package import Store
package import Telemetry

/// Keeps the list of tasks in Redis. Of all nodes' first loops one has the lease to do so.
///
/// It hears which tasks begin, end and get an owner, reads each of them, and writes its place. Whatever it may have missed, it
/// finds by a walk through all tasks: when it gets the lease, and after each loss of a connection. Tasks that Redis has
/// deleted leave the list as it looks at all listed tasks again and again, a few at a time.
package final class ListKeeper {
    private let loop: EventLoop
    private let redis: any CommandBus
    let naming: Naming
    private let keys: TaskListKeys
    private let limits: ListLimits
    /// The loop's name in the lease.
    private let name: String
    private let log: Log
    private var timer: Timer?

    private var isKeeper = false
    private var pending: PendingTasks
    /// The walk under way.
    private var walk: TaskWalk?
    /// Whether the loop waits for a portion of the walk.
    private var isScanning = false
    /// Whether a walk must begin, because something may have been missed.
    private var mustWalk = true
    /// The last task that was looked at again; nil at the beginning of the list.
    private var revisited: ListedTask?

    package init(
        loop: EventLoop, redis: any CommandBus, naming: Naming, limits: ListLimits, name: String, log: Log
    ) {
        (self.loop, self.redis, self.naming, self.limits) = (loop, redis, naming, limits)
        (self.name, self.log) = (name, log)
        keys = TaskListKeys(naming)
        pending = PendingTasks(atOnce: limits.atOnce, most: limits.waiting)
    }

    /// Keeps the list, or waits for the lease, until ``stop()``.
    package func start() {
        timer = loop.every(milliseconds: limits.renewalMilliseconds) { [weak self] in self?.renew() }
    }

    /// Gives the lease back, so that another node takes it at once.
    package func stop() {
        timer?.cancel()
        timer = nil
        guard isKeeper else { return }
        isKeeper = false
        redis.run(KeepListScript(name, milliseconds: 0, keys: keys)) { _ in }
    }

    /// A task began, ended, runs again, or got an owner.
    func hear(ofChange task: Identifier) {
        guard isKeeper else { return }
        pending.add(task)
        work()
    }

    /// The loop may have missed changes, or Redis the loop's writes.
    package func mayHaveMissed() {
        mustWalk = true
        // A loop without the lease also tries it, as Redis may have just come.
        renew()
    }

    // MARK: The lease

    private func renew() {
        guard timer != nil, redis.isReady else { return }
        redis.run(KeepListScript(name, milliseconds: limits.leaseMilliseconds, keys: keys)) { [weak self] result in
            guard let self, case .success(let has) = result else { return }
            if has { keep() } else { leave() }
        }
    }

    private func keep() {
        if !isKeeper {
            isKeeper = true
            mustWalk = true
            log.info("this node keeps the list of tasks")
        }
        if pending.isOverrun { mustWalk = true }
        if mustWalk, walk == nil {
            mustWalk = false
            pending.forgetOverrun()
            walk = TaskWalk()
        } else if pending.isEmpty {
            revisit()
        }
        work()
    }

    private func leave() {
        isKeeper = false
        walk = nil
        pending.forgetWaiting()
    }

    // MARK: Tasks

    /// Reads what waits, and, when nothing waits, the walk's next portion.
    private func work() {
        guard isKeeper else { return }
        while let (task, listed) = pending.next() { read(task, listed) }
        if pending.isEmpty { goOn() }
    }

    private func read(_ task: Identifier, _ listed: ListedTask?) {
        redis.send(TaskFacts(of: task, naming: naming)) { [weak self] result in
            guard let self else { return }
            guard case .success(let facts) = result else { return finish(task, isWritten: false) }
            if let listed, facts.place.map({ $0.owner != listed.owner }) ?? true {
                redis.run(UnlistTaskScript(listed, keys: keys)) { _ in }
            }
            guard let place = facts.place else { return finish(task, isWritten: true) }
            redis.run(ListTaskScript(place, facts.standing, keys: keys)) { [weak self] result in
                self?.finish(task, isWritten: (try? result.get()) != nil)
            }
        }
    }

    private func finish(_ task: Identifier, isWritten: Bool) {
        pending.finish(task)
        if !isWritten {
            // The next renewal begins again.
            walk = nil
            mustWalk = true
        }
        work()
    }

    // MARK: All tasks

    private func goOn() {
        guard let walk, !isScanning else { return }
        let servers = redis.masters
        switch walk.step(servers: servers.count) {
        case .done: self.walk = nil
        case .scan(let server, let cursor):
            isScanning = true
            servers[server].send(TaskScan(at: cursor, count: limits.scanned, naming: naming)) { [weak self] in
                self?.didScan($0)
            }
        }
    }

    private func didScan(_ result: Result<TaskScan.Reply, RedisError>) {
        isScanning = false
        switch result {
        case .success(let portion):
            walk?.didScan(next: portion.next)
            for task in portion.tasks { pending.add(task) }
        case .failure(let error):
            walk = nil
            guard error.reply?.code == "NOPERM" else { return mustWalk = true }
            log.warning(
                "this node may not look for tasks that the list lacks: its Redis user needs SCAN",
                ["redis": .text("\(error)")])
        }
        work()
    }

    /// Looks at some listed tasks again.
    private func revisit() {
        let page = TaskPageScript(of: keys.all, after: revisited, count: limits.revisited)
        redis.run(page) { [weak self] result in
            guard let self, isKeeper, case .success(let tasks) = result else { return }
            revisited = tasks.last
            for task in tasks { pending.add(task.id, listed: task) }
            work()
        }
    }
}
