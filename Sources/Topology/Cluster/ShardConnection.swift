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
    /// Its number among the connections to that master.
    private let number: Int
    private weak var messages: (any MessageHandler)?
    private let echoes: EchoFilter
    private let onEvent: (Event, Address) -> Void
    private var proof = ShardProof()
    /// The channel of the proof, once it is chosen.
    private var proofChannel: String?
    /// Why the last attempt to connect failed; nil where it did not.
    private(set) var failure: RedisFailure?

    /// `subscriber` connects to `address`. `onReport` is told of the connection itself.
    init(
        _ subscriber: RedisSubscriber, to address: Address, number: Int, messages: (any MessageHandler)?,
        echoes: EchoFilter,
        onReport: @escaping (RedisEvent, Address) -> Void, onEvent: @escaping (Event, Address) -> Void
    ) {
        self.address = address
        self.subscriber = subscriber
        self.onEvent = onEvent
        (self.number, self.messages, self.echoes) = (number, messages, echoes)
        subscriber.messages = self
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
        case .declined, .tookOver, .retrying: break
        }
    }

    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String) {
        if channel == proofChannel { return note(.confirmed) }
        echoes.didSubscribe(to: channel, of: address, over: number)
        onEvent(.subscribed(channel), address)
    }

    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError) {
        if channel == proofChannel { return giveUpProof() }
        onEvent(.refused(channel, error), address)
    }

    func subscriberDidDisconnect(_ subscriber: RedisSubscriber) {
        note(.disconnected)
        onEvent(.disconnected, address)
    }

    func subscriber(_ subscriber: RedisSubscriber, didEnd channel: String) {
        if channel == proofChannel { return giveUpProof() }
        onEvent(.ended(channel), address)
    }

    func subscriber(_ subscriber: RedisSubscriber, didTurnAway channels: [String], error: RedisReplyError) {
        if let proofChannel, channels.contains(proofChannel) { giveUpProof() }
        onEvent(.turnedAway(channels, error), address)
    }
}

// MARK: Proof

extension ShardConnection: MessageHandler {
    /// Whether nobody wants a channel here.
    var isIdle: Bool { subscriber.channelCount == (proofChannel == nil ? 0 : 1) }

    /// Makes the connection prove that it delivers. `choose` returns a channel of its master, or nil where it finds
    /// none; `publish` publishes to it there, and calls back once the master has taken the message.
    func prove(choose: () -> String?, publish: (String, @escaping () -> Void) -> Void) {
        switch proof.receive(.due) {
        case nil: break
        case .choose:
            guard let channel = choose() else { return note(.turnedAway) }
            proofChannel = channel
            subscriber.subscribe(channel)
        case .publish: if let proofChannel { publish(proofChannel) { [weak self] in self?.note(.accepted) } }
        case .reconnect: subscriber.reconnect()
        }
    }

    private func note(_ event: ShardProof.Event) { _ = proof.receive(event) }

    private func giveUpProof() {
        if let channel = proofChannel.take() { subscriber.unsubscribe(channel) }
        note(.turnedAway)
    }

    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        if let proofChannel, channel.count == proofChannel.utf8.count, channel.elementsEqual(proofChannel.utf8) {
            return note(.heard)
        }
        if echoes.drops(payload, on: channel, of: address, over: number) { return }
        messages?.busDidReceive(payload, on: channel)
    }

    func busDidFeed() { messages?.busDidFeed() }
}

@available(*, unavailable)
extension ShardConnection: Sendable {}
