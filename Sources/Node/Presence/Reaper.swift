import EventLoop
import Presence
import RESP
import Redis

/// Takes out what dead loops have left, and has those announced who have gone. Every loop does so: the scripts share the work.
final class Reaper {
    private let store: PresenceStore
    private var dead = DeadLoops()

    init(store: PresenceStore) { self.store = store }

    private var limits: PresenceLimits { store.limits }

    /// Begins to look, twice a second.
    func start() {
        store.loop.every(milliseconds: UInt64(PresenceLimits.tickMilliseconds)) { [weak self] in self?.tick() }
    }

    private func tick() {
        guard store.isCounting, !dead.isBusy else { return }
        let arguments = [
            "\(limits.leaseMilliseconds)", "\(limits.heartbeatMilliseconds)", store.everyone,
            "\(limits.broadcastUpTo)",
        ]
        store.run(PresenceScripts.tick, arguments) { [weak self] result in
            guard let self, !dead.isBusy, case .success(.array(let fields)) = result else { return }
            takeOut(dead.begin(fields.compactMap(\.string).filter { $0 != self.store.lease.name }))
        }
    }

    private func takeOut(_ next: String?) {
        guard let next else { return }
        takeOut(next, isOwn: false) { [weak self] hasMore in
            guard let self else { return }
            takeOut(dead.didTakeOut(hasMore: hasMore))
        }
    }

    private func takeOut(_ incarnation: String, isOwn: Bool, _ completion: @escaping (Bool) -> Void) {
        let arguments = [
            incarnation, "\(PresenceLimits.chunk)", "\(limits.graceMilliseconds)", "\(limits.heartbeatMilliseconds)",
            isOwn ? "1" : "0",
        ]
        store.run(PresenceScripts.reap, arguments) { result in
            if case .success(let reply) = result { completion(reply.integer == 1) } else { completion(false) }
        }
    }

    /// Takes a chunk out; answers whether there is more.
    func takeOut(_ incarnation: String, isOwn: Bool, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        await withCheckedContinuation(isolation: isolation) { continuation in
            takeOut(incarnation, isOwn: isOwn) { continuation.resume(returning: $0) }
        }
    }
}
