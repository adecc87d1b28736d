package import EventLoop
import Events
import RESP
package import Redis
package import Settings
package import Store
package import Telemetry

/// Keeps the list of tasks in Redis. Of all nodes' first loops one has the lease to do so; ``ListKeeping`` decides what it
/// does.
///
/// It hears which tasks begin, end and get an owner, reads each of them, and writes its place. Whatever it may have missed, it
/// finds by a walk through all tasks.
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
    private var keeping: ListKeeping
    /// A command may fail while it is sent.
    private var isActing = false

    package init(
        loop: EventLoop, redis: any CommandBus, naming: Naming, limits: ListLimits, name: String, log: Log
    ) {
        (self.loop, self.redis, self.naming, self.limits) = (loop, redis, naming, limits)
        (self.name, self.log) = (name, log)
        keys = TaskListKeys(naming)
        keeping = ListKeeping(limits)
    }

    /// Keeps the list, or waits for the lease, until ``stop()``.
    package func start() {
        timer = loop.every(milliseconds: limits.renewalMilliseconds) { [weak self] in self?.renew() }
    }

    /// Gives the lease back, so that the next node that asks has it.
    package func stop() {
        timer?.cancel()
        timer = nil
        keeping.lose()
        redis.run(KeepListScript(name, milliseconds: 0, keys: keys)) { _ in }
    }

    /// A task began, ended, runs again, or got an owner.
    func hear(ofChange task: Identifier) {
        keeping.change(task)
        act()
    }

    /// The loop may have missed changes, or Redis has lost what the loop wrote.
    package func mayHaveMissed() {
        keeping.mayHaveMissed()
        renew()
    }

    // MARK: The lease

    private func renew() {
        guard timer != nil, redis.isReady else { return }
        redis.run(KeepListScript(name, milliseconds: limits.leaseMilliseconds, keys: keys)) { [weak self] result in
            guard let self, timer != nil, case .success(let lease) = result else { return }
            take(lease)
        }
    }

    private func take(_ lease: KeepListScript.Reply) {
        switch lease {
        case .own(let isNew):
            if !keeping.isKeeper { log.info("this node keeps the list of tasks") }
            keeping.lease(isNew: isNew, now: loop.now)
            act()
        case .others: keeping.lose()
        }
    }

    // MARK: Actions

    /// Does what comes next, until nothing does.
    private func act() {
        guard !isActing else { return }
        isActing = true
        defer { isActing = false }
        while let action = keeping.next(servers: redis.masters.compactMap(\.address), now: loop.now) { perform(action) }
    }

    private func perform(_ action: ListKeeping.Action) {
        switch action {
        case .read(let task, let listed): read(task, listed)
        case .scan(let server, let cursor, let walk): scan(server, cursor, walk)
        case .takeDue: takeDue()
        }
    }

    private func read(_ task: Identifier, _ listed: ListedTask?) {
        redis.send(TaskFacts(of: task, naming: naming)) { [weak self] result in
            guard let self else { return }
            guard case .success(let facts) = result else { return didFail(task) }
            if let listed, listed.owner != facts.place?.owner || facts.place == nil {
                redis.run(UnlistTaskScript(listed, by: name, keys: keys)) { [weak self] in
                    self?.didWrite(task, $0, isLast: facts.place == nil)
                }
            }
            if let place = facts.place {
                redis.run(ListTaskScript(place, facts, by: name, keys: keys)) { [weak self] in
                    self?.didWrite(task, $0, isLast: true)
                }
            } else if listed == nil {
                didWrite(task, .success(true), isLast: true)
            }
        }
    }

    private func didWrite(_ task: Identifier, _ result: Result<Bool, RedisError>, isLast: Bool) {
        switch result {
        case .success(true): if isLast { keeping.didWrite(task) }
        case .success(false):
            keeping.didFail(task)
            keeping.lose()
        case .failure: keeping.didFail(task)
        }
        act()
    }

    private func didFail(_ task: Identifier) {
        keeping.didFail(task)
        act()
    }

    private func scan(_ server: RedisEndpoint.Address, _ cursor: String?, _ walk: Int) {
        let master = redis.masters.first { $0.address == server }
        guard let master else { return keeping.didFailToScan(walk: walk, isRefused: false, now: loop.now) }
        master.send(TaskScan(at: cursor, count: limits.scanned, naming: naming)) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let portion): keeping.didScan(portion.tasks, next: portion.next, walk: walk)
            case .failure(let error):
                let isRefused = error.reply?.code == "NOPERM"
                if isRefused {
                    log.warning(
                        "this node may not look for tasks that the list lacks: its Redis user needs SCAN",
                        ["redis": .text("\(error)")])
                }
                keeping.didFailToScan(walk: walk, isRefused: isRefused, now: loop.now)
            }
            act()
        }
    }

    private func takeDue() {
        let take = TakeDueScript(keys.due, most: limits.dueBatch, milliseconds: limits.takeoverMilliseconds)
        redis.run(take) { [weak self, limits] result in
            guard let self else { return }
            switch result {
            case .success(let taken):
                let tasks = taken.compactMap { ListedTask(member: $0.channel, startedAt: 0) }
                keeping.didTakeDue(tasks, isMore: taken.count == limits.dueBatch)
            case .failure: keeping.didFailToTakeDue()
            }
            act()
        }
    }
}
