import EventLoop
import RESP
import Redis
import Events

/// Publishes to the loop's own control channel and waits to hear it, as ``DeliveryProbe`` decides.
final class PubSubProbe {
    private let loop: EventLoop
    private let store: ChannelStore
    private let intervalMilliseconds: Int
    private var probe = DeliveryProbe()
    /// The loop's own channel, as Redis spells it; nil before there is one.
    var channel: String?
    /// Told whether nothing comes though it should, whenever that changes.
    var didChange: (_ isFailing: Bool) -> Void = { _ in }
    /// Gives up the connection that brings nothing, and makes another.
    var reconnect: () -> Void = {}

    init(loop: EventLoop, store: ChannelStore, everyMilliseconds: Int) {
        self.loop = loop
        self.store = store
        intervalMilliseconds = everyMilliseconds
    }

    /// Whether something has come over the pub/sub connection that stands now.
    var isHeard: Bool { probe.isHeard }
    /// Whether nothing comes though it should.
    var isFailing: Bool { probe.isFailing }

    /// Begins to probe.
    func start() {
        loop.schedule(after: UInt64(intervalMilliseconds)) { [weak self] in
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
        if probe.isFailing != wasFailing { didChange(probe.isFailing) }
        switch action {
        case nil: break
        case .publish(let number): publish(number)
        case .reconnect: reconnect()
        }
    }

    private func publish(_ number: Int) {
        guard let channel else { return receive(.unsent(number)) }
        store.publish(Array(ControlMessage.probe.text.utf8), to: channel) { [weak self] result in
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
