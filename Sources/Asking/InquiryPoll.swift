package import EventLoop
import Events
import RESP
package import Redis
import Settings
package import Store

/// Asks the third parties of unfinished tasks, watched or not: each second this node takes some that are due, and
/// postpones them a little, so that another node takes them over if this one dies.
package final class InquiryPoll {
    private let loop: EventLoop
    private let redis: any CommandBus
    private let naming: Naming
    private let inquiries: Inquiries
    private var timer: Timer?

    package init(loop: EventLoop, redis: any CommandBus, naming: Naming, inquiries: Inquiries) {
        self.loop = loop
        self.redis = redis
        self.naming = naming
        self.inquiries = inquiries
    }

    /// Polls until ``stop()``.
    package func start() {
        timer = loop.every(milliseconds: inquiries.limits.pollTickMilliseconds) { [weak self] in self?.tick() }
    }

    package func stop() { timer?.cancel() }

    private func tick() {
        let limits = inquiries.limits
        // Half of the room is kept for viewers, however slow the third parties are.
        let room = limits.perLoop / 2 - inquiries.count
        let count = min(limits.pollBatch, room)
        guard count > 0 else { return }
        redis.run(TakeDueScript(due, most: count, milliseconds: limits.takeoverMilliseconds)) { [weak self] result in
            guard case .success(let channels) = result else { return }
            for taken in channels { self?.ask(taken) }
        }
    }

    private var due: DueSet { .inquiries(naming) }

    private func ask(_ taken: TakeDueScript.Taken) {
        guard let name = naming.channelName(taken.channel) else { return drop(taken) }
        inquiries.ask(about: name, isEager: false) { [weak self] outcome in
            if outcome == .nobodyToAsk { self?.drop(taken) }
        }
    }

    private func drop(_ taken: TakeDueScript.Taken) {
        redis.run(DropDueScript(taken.channel, due: taken.due, in: due)) { _ in }
    }

    // MARK: Restarts

    /// A worker announces that a task was restarted. Anybody may: tasks without a third party are not added.
    package func hear(ofRestart channel: String) {
        guard let name = naming.channelName(channel) else { return }
        redis.send(SecretsExist(of: name, naming: naming)) { [weak self] result in
            if case .success(true) = result { self?.enter(channel) }
        }
    }

    /// Polls the task's third party from now on.
    func enter(_ channel: String) {
        redis.run(EnterDueScript(channel, milliseconds: inquiries.limits.pollMilliseconds, in: due)) { _ in }
    }
}
