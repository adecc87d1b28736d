import EventLoop
import Presence
import RedisClient
import Synchronization
import Tasks

/// Whether what is published reaches this loop: a connection can look healthy and deliver nothing.
///
/// The loop publishes to its own control channel and waits to hear it. Where Redis took the message and it has not come by the
/// next time, the subscription is made anew. Then, and where Redis refuses the message (NOPERM), the node is not ready until
/// one has come again.
final class PubSubProbe {
    private unowned let core: LoopCore
    private var isAccepted = false
    private var isHeard = false
    private var isFailing = false
    /// Which probe is out: the answer to one that is given up says nothing.
    private var number = 0

    init(core: LoopCore) { self.core = core }

    /// Begins to probe.
    func start() {
        core.loop.schedule(after: UInt64(core.shared.configuration.probeMilliseconds)) { [weak self] in
            self?.probe()
            self?.start()
        }
    }

    /// The connection that was to bring the probe is gone, and the probe with it.
    func didDisconnect() {
        number += 1
        isAccepted = false
    }

    /// The probe has come.
    func didHear() {
        isHeard = true
        setFailing(false)
    }

    private func probe() {
        // While a connection is away, that is known already.
        guard core.isConnected, core.presence.isRegistered else {
            isAccepted = false
            return
        }
        if isAccepted, !isHeard {
            core.log.warning("Redis delivers nothing to this loop; subscribing anew", ["loop": .number(core.index)])
            setFailing(true)
            isAccepted = false
            return core.subscriptions.reconnect()
        }
        (isAccepted, isHeard) = (false, false)
        number += 1
        let sent = number
        let channel = core.presence.keys.control(of: core.presence.incarnation)
        core.redis.publish(Array(ControlMessage.probe.text.utf8), to: channel) { [weak self] result in
            guard let self, sent == number else { return }
            switch result {
            case .success: isAccepted = true
            case .failure(.reply(let error)): wasRefused(error)
            // The connection; that is known already.
            case .failure: break
            }
        }
    }

    /// Redis answers, and takes no message: not this loop's, and so none of its clients' either.
    private func wasRefused(_ error: RedisReplyError) {
        if !isFailing {
            core.log.error(
                "Redis takes no message from this loop", ["loop": .number(core.index), "reason": .text("\(error)")])
        }
        setFailing(true)
    }

    private func setFailing(_ failing: Bool) {
        guard failing != isFailing else { return }
        isFailing = failing
        core.shared.failingProbes.add(failing ? 1 : -1, ordering: .relaxed)
    }
}
