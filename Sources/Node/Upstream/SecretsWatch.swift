import EventLoop
import RESP
import Redis
import Events
import Tasks

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
        let naming = core.shared.configuration.naming
        core.redis.run(
            RedisScripts.keepSecrets, keys: [naming.dueSecretsKey],
            arguments: SecretsScript.arguments(most: core.limits.secretsBatch, naming: naming)
        ) { _ in }
    }
}
