import EventLoop
import RESP
import Redis
import Tasks

/// Lets the secrets of registered tasks live as long as the tasks, which workers' events lengthen. Every node does: also one
/// without third parties registers tasks.
final class SecretsWatch {
    private let loop: EventLoop
    private let redis: any CommandBus
    private let naming: Naming
    private let limits: InquiryLimits
    private var timer: Timer?

    init(loop: EventLoop, redis: any CommandBus, naming: Naming, limits: InquiryLimits) {
        self.loop = loop
        self.redis = redis
        self.naming = naming
        self.limits = limits
    }

    /// Begins, and goes on until ``stop()``.
    func start() {
        timer = loop.every(milliseconds: limits.secretsTickMilliseconds) { [weak self] in self?.look() }
    }

    func stop() { timer?.cancel() }

    private func look() {
        redis.run(
            RedisScripts.keepSecrets, keys: [naming.dueSecretsKey],
            arguments: SecretsScript.arguments(most: limits.secretsBatch, naming: naming)
        ) { _ in }
    }
}
