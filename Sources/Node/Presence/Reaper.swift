import Events
import Dialects
import EventLoop
import Presence
import RESP
import Redis
import Tasks

/// Takes out what dead loops have left, and has those announced who have gone. Every loop does so: the scripts share the work.
final class Reaper {
    private unowned let keeper: PresenceKeeper
    private var isBusy = false

    init(keeper: PresenceKeeper) { self.keeper = keeper }

    private var core: LoopCore { keeper.core }
    private var limits: PresenceLimits { keeper.limits }

    /// Begins to look, twice a second.
    func start() {
        core.loop.schedule(after: UInt64(PresenceLimits.tickMilliseconds)) { [weak self] in
            self?.tick()
            self?.start()
        }
    }

    private func tick() {
        guard keeper.isRegistered, core.redis.isReady, !isBusy else { return }
        let everyone = core.shared.configuration.naming.channel(ChannelName.everyone.text)
        let arguments = [
            "\(limits.leaseMilliseconds)", "\(limits.heartbeatMilliseconds)", everyone, "\(limits.broadcastUpTo)",
        ]
        keeper.run(PresenceScripts.tick, arguments) { [weak self] result in
            guard let self, case .success(.array(let fields)) = result else { return }
            takeOut(fields.compactMap(\.string).filter { $0 != self.keeper.incarnation })
        }
    }

    /// Takes several out, one after the other, a chunk at a time: Redis serves others in between.
    private func takeOut(_ incarnations: [String]) {
        guard let first = incarnations.first else {
            isBusy = false
            return
        }
        isBusy = true
        takeOut(first, isOwn: false) { [weak self] hasMore in
            self?.takeOut(hasMore ? incarnations : Array(incarnations.dropFirst()))
        }
    }

    private func takeOut(_ incarnation: String, isOwn: Bool, _ completion: @escaping (Bool) -> Void) {
        let arguments = [
            incarnation, "\(PresenceLimits.chunk)", "\(limits.graceMilliseconds)", "\(limits.heartbeatMilliseconds)",
            isOwn ? "1" : "0",
        ]
        keeper.run(PresenceScripts.reap, arguments) { result in
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
