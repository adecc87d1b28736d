import Events
import RESP
import Redis
import Telemetry

/// Publishes to the loop's own control channel and waits to hear it, as ``DeliveryProbe`` decides.
package final class PubSubProbe {
    private let loop: any LoopClock
    private let bus: any Bus
    private let log: Log
    /// The loop's number, for the log.
    private let index: Int
    private let intervalMilliseconds: Int
    private var probe = DeliveryProbe()
    /// The loop's own channel by its name in Redis; nil before there is one.
    var channel: String?
    /// Called when probes start or cease to fail.
    package var didChange: (_ isFailing: Bool) -> Void = { _ in }

    init(index: Int, loop: any LoopClock, bus: any Bus, log: Log, everyMilliseconds: Int) {
        self.index = index
        self.log = log
        self.loop = loop
        self.bus = bus
        intervalMilliseconds = everyMilliseconds
    }

    /// Whether a message arrived over the current pub/sub connection.
    package var isHeard: Bool { probe.isHeard }
    /// Whether probes that Redis accepted do not arrive, or Redis refuses them.
    package var isFailing: Bool { probe.isFailing }

    /// Begins to probe.
    func start() {
        loop.start(after: UInt64(intervalMilliseconds)) { [weak self] in
            self?.receive(.interval)
            self?.start()
        }
    }

    /// The loop's control channel is subscribed.
    func didSubscribe() { receive(.subscribed) }
    /// The connection that would have delivered the probe is gone, and the probe with it.
    func didDisconnect() { receive(.disconnected) }
    /// The probe arrived.
    func didHear() { receive(.heard) }
    /// Redis takes commands (again).
    func redisIsReady() { receive(.commandsReady) }

    private func receive(_ event: DeliveryProbe.Event) {
        let wasFailing = probe.isFailing
        let action = probe.receive(event)
        if probe.isFailing != wasFailing { didChange(probe.isFailing) }
        switch action {
        case nil: break
        case .publish(let number): publish(number)
        case .reconnect:
            log.warning("Redis delivers nothing to this loop; subscribing anew", ["loop": .number(index)])
            if let channel { bus.reconnect(hearing: channel) }
        }
    }

    private func publish(_ number: Int) {
        guard let channel else { return receive(.unsent(number)) }
        bus.publish(Array(ControlMessage.probe.text.utf8), to: channel) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success: receive(.accepted(number))
            case .failure(.reply(let error)) where error.deniesAccess: receive(.refused(number))
            // The connection failed or Redis is busy: both are reported elsewhere, or pass.
            case .failure: receive(.unsent(number))
            }
        }
    }
}
