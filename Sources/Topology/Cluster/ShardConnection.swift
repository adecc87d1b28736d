import Cluster
import RESP
import Redis

/// The connection for sharded channels to one master. Loop-confined.
final class ShardConnection: RedisSubscriberHandler {
    /// What happened to its channels.
    enum Event {
        case subscribed(String)
        case ended(String)
        case turnedAway([String], RedisReplyError)
        case refused(String, RedisReplyError)
        case disconnected
    }

    let address: Address
    let subscriber: RedisSubscriber
    private let onEvent: (Event, Address) -> Void
    /// Why the last attempt to connect failed; nil where it did not.
    private(set) var failure: RedisFailure?

    /// Starts `subscriber`, a connection to `address`. `onReport` is told of the connection itself.
    init(
        _ subscriber: RedisSubscriber, to address: Address, messages: (any MessageHandler)?,
        onReport: @escaping (RedisEvent, Address) -> Void, onEvent: @escaping (Event, Address) -> Void
    ) {
        self.address = address
        self.subscriber = subscriber
        self.onEvent = onEvent
        subscriber.messages = messages
        subscriber.handler = self
        subscriber.onEvent = { [unowned self] event, _ in
            note(event)
            onReport(event, address)
        }
    }

    func start() { subscriber.start() }
    func close() { subscriber.close() }

    private func note(_ event: RedisEvent) {
        switch event {
        case .connected: failure = nil
        case .lost(let failure), .failed(let failure), .refused(let failure): self.failure = failure
        case .declined, .retrying: break
        }
    }

    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String) {
        onEvent(.subscribed(channel), address)
    }

    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError) {
        onEvent(.refused(channel, error), address)
    }

    func subscriberDidDisconnect(_ subscriber: RedisSubscriber) { onEvent(.disconnected, address) }

    func subscriber(_ subscriber: RedisSubscriber, didEnd channel: String) { onEvent(.ended(channel), address) }

    func subscriber(_ subscriber: RedisSubscriber, didTurnAway channels: [String], error: RedisReplyError) {
        onEvent(.turnedAway(channels, error), address)
    }
}

@available(*, unavailable)
extension ShardConnection: Sendable {}
