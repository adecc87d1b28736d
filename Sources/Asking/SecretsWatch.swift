package import EventLoop
import Events
import RESP
package import Redis
package import Settings
package import Store

/// Lets the secrets of registered tasks live as long as the tasks, which workers' events extend. Every node does this:
/// a node without third parties registers tasks, too.
package final class SecretsWatch {
    private let loop: EventLoop
    private let redis: any CommandBus
    private let naming: Naming
    private let limits: InquiryLimits
    /// Polls third parties; nil on a node that has none.
    private let poll: InquiryPoll?
    private var timer: Timer?

    package init(loop: EventLoop, redis: any CommandBus, naming: Naming, limits: InquiryLimits, poll: InquiryPoll?) {
        self.loop = loop
        self.redis = redis
        self.naming = naming
        self.limits = limits
        self.poll = poll
    }

    /// Checks until ``stop()``.
    package func start() {
        timer = loop.every(milliseconds: limits.secretsTickMilliseconds) { [weak self] in self?.look() }
    }

    package func stop() { timer?.cancel() }

    private func look() {
        let take = TakeDueScript(due, most: limits.secretsBatch, milliseconds: limits.takeoverMilliseconds)
        redis.run(take) { [weak self] result in
            guard case .success(let channels) = result else { return }
            for taken in channels { self?.look(after: taken) }
        }
    }

    private var due: DueSet { .secrets(naming) }

    private func look(after taken: TakeDueScript.Taken) {
        guard let name = naming.channelName(taken.channel) else { return drop(taken) }
        redis.run(KeepSecretsScript(of: name, naming: naming)) { [weak self] result in
            guard let self, case .success(let found) = result else { return }
            switch found {
            case .gone: drop(taken)
            case .kept(let milliseconds, let isAsked):
                redis.run(DelayDueScript(taken.channel, milliseconds: milliseconds, in: due)) { _ in }
                // Perhaps no node heard that the task was restarted.
                if isAsked { poll?.enter(taken.channel) }
            }
        }
    }

    private func drop(_ taken: TakeDueScript.Taken) {
        redis.run(DropDueScript(taken.channel, due: taken.due, in: due)) { _ in }
    }
}
