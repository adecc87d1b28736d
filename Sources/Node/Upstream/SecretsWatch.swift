import EventLoop
import RESP
import Redis
import Events
import Store

/// Lets the secrets of registered tasks live as long as the tasks, which workers' events lengthen. Every node does: also one
/// without third parties registers tasks.
final class SecretsWatch {
    private unowned let core: LoopCore
    private var timer: Timer?

    init(core: LoopCore) { self.core = core }

    /// Begins, and goes on until ``stop()``.
    func start() {
        timer = core.loop.schedule(after: core.limits.secretsTickMilliseconds) { [weak self] in
            guard let self else { return }
            look()
            start()
        }
    }

    func stop() { timer?.cancel() }

    private func look() {
        let take = TakeDueScript(
            due, most: core.limits.secretsBatch, milliseconds: core.limits.takeoverMilliseconds)
        core.redis.run(take) { [weak self] result in
            guard case .success(let channels) = result else { return }
            for taken in channels { self?.look(after: taken) }
        }
    }

    private var due: DueSet { .secrets(core.shared.configuration.naming) }

    private func look(after taken: TakeDueScript.Taken) {
        let naming = core.shared.configuration.naming
        guard let name = naming.name(ofChannel: taken.channel[...]).flatMap({ ChannelName(String($0)) }) else {
            return drop(taken)
        }
        core.redis.run(KeepSecretsScript(of: name, naming: naming)) { [weak self] result in
            guard let self, case .success(let found) = result else { return }
            switch found {
            case .gone: drop(taken)
            case .kept(let milliseconds, let isAsked):
                core.redis.run(DelayDueScript(taken.channel, milliseconds: milliseconds, in: due)) { _ in }
                // Perhaps nobody heard that it was restarted.
                if isAsked { core.poll?.enter(taken.channel) }
            }
        }
    }

    private func drop(_ taken: TakeDueScript.Taken) {
        core.redis.run(DropDueScript(taken.channel, due: taken.due, in: due)) { _ in }
    }
}
