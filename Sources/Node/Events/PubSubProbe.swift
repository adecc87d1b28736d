import EventLoop
import Store
import RESP
import Redis
import Synchronization
import Events

/// Publishes to the loop's own control channel and waits to hear it, as ``DeliveryProbe`` decides.
final class PubSubProbe {
    private unowned let core: LoopCore
    private var probe = DeliveryProbe()

    init(core: LoopCore) { self.core = core }

    /// Whether something has come over the pub/sub connection that stands now.
    var isHeard: Bool { probe.isHeard }
    /// Whether nothing comes though it should.
    var isFailing: Bool { probe.isFailing }

    /// Begins to probe.
    func start() {
        core.loop.schedule(after: UInt64(core.shared.configuration.probeMilliseconds)) { [weak self] in
            self?.receive(.interval)
            self?.start()
        }
    }

    /// The loop's control channel is subscribed.
    func didSubscribe() { receive(.subscribed) }
    /// The connection that was to bring the probe is gone, and the probe with it.
    func didDisconnect() { receive(.disconnected) }
    /// The probe has come.
    func didHear() { receive(.heard) }
    /// Redis takes commands (again).
    func redisIsReady() { receive(.commandsReady) }

    private func receive(_ event: DeliveryProbe.Event) {
        let wasFailing = probe.isFailing
        let action = probe.receive(event)
        if probe.isFailing != wasFailing {
            core.shared.failingProbes.add(probe.isFailing ? 1 : -1, ordering: .relaxed)
        }
        switch action {
        case nil: break
        case .publish(let number): publish(number)
        case .reconnect:
            core.log.warning("Redis delivers nothing to this loop; subscribing anew", ["loop": .number(core.index)])
            core.subscriptions.reconnect()
        }
    }

    private func publish(_ number: Int) {
        let channel = core.presence.keys.control(of: core.presence.incarnation)
        core.redis.publish(Array(ControlMessage.probe.text.utf8), to: channel) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success: receive(.accepted(number))
            case .failure(.reply(let error)) where error.deniesAccess: receive(.refused(number))
            // The connection, or Redis is busy: that is known already, or passes.
            case .failure: receive(.unsent(number))
            }
        }
    }
}
