package import RESP
package import EventLoop

/// The pub/sub connection of a loop: renews its subscriptions after every loss. Loop-confined.
///
/// All changes of one turn leave in one write at its end, 256 channels a command, at most 8 commands unconfirmed. The
/// caller decides whether a channel lingers before its UNSUBSCRIBE. An owner that goes away calls ``close()``.
package final class RedisSubscriber {
    /// Called for every event of the connection, on the loop. Set before ``start()``.
    package var onEvent: ((RedisEvent, RedisRole) -> Void)?
    /// Takes the messages. Set before ``start()``; the subscriber closes its connection once the handler is gone.
    package weak var messages: (any MessageHandler)?
    /// Hears about the state of the channels. Set before ``start()``.
    package weak var handler: (any RedisSubscriberHandler)?

    /// The Redis at the other end, at the last handshake.
    package private(set) var server: RedisServer?

    private let link: RedisLink
    private let kind: SubscriptionKind
    private var table: SubscriptionTable
    private var reader = PushReader()
    private var watch = PongWatch(now: 0)
    private var lastRetry: UInt64 = 0

    /// A subscriber, not started yet, to the address from `finder`, or to the fixed address of `login`.
    package init(
        loop: EventLoop, login: Login, kind: SubscriptionKind = .classic, finder: (any RedisFinder)? = nil,
        timing: RedisTiming = RedisTiming(), random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        self.kind = kind
        table = SubscriptionTable(kind)
        link = RedisLink(loop: loop, login: login, finder: finder, timing: timing, random: random)
    }

    /// A subscriber to one Redis.
    package convenience init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, timing: RedisTiming = RedisTiming()
    ) {
        self.init(loop: loop, login: Login(endpoint: endpoint, name: name), timing: timing)
    }

    /// Whether the subscriber is connected. Single channels may still wait for their confirmation: ``unsettledCount``.
    package var isReady: Bool { link.isReady }
    /// The number of wanted channels.
    package var channelCount: Int { table.wantedCount }
    /// The wanted channels.
    package var channels: [String] { table.wantedChannels }
    /// The number of channels whose last change Redis has not confirmed: for tests and metrics.
    var unsettledCount: Int { table.unsettledCount }

    /// Starts to connect, and retries for ever. Once, on the loop.
    package func start() {
        link.user = self
        link.start()
    }

    /// Closes the connection for good; the handler hears nothing more. Once or often.
    package func close() {
        link.close()
        table = SubscriptionTable(kind)
    }

    /// Reconnects, as after a loss: for a probe that finds the connection deaf though Redis answers PINGs.
    package func reconnect() { link.fail(.ended("given up by its owner")) }

    /// Subscribes to `channel`, now and after every reconnect. No effect where it is subscribed already.
    package func subscribe(_ channel: String) {
        link.checkLoop()
        table.subscribe(channel)
    }

    /// Unsubscribes from `channel`. Messages under way may still come.
    package func unsubscribe(_ channel: String) {
        link.checkLoop()
        table.unsubscribe(channel)
    }
}

@available(*, unavailable)
extension RedisSubscriber: Sendable {}

extension RedisSubscriber: RedisLinkUser {
    func linkIsReady(_ outcome: RedisHandshake.Outcome) {
        server = outcome.server
        reader = PushReader()
        table.connected()
        (watch, lastRetry) = (PongWatch(now: link.now), link.now)
        report(.connected(outcome.server))
    }

    func linkWillFlush() {
        for channel in table.takeSettledAgain() { handler?.subscriber(self, didSubscribe: channel) }
        while link.isReady, let command = table.nextCommand() {
            link.send {
                switch command {
                case .subscribe(let channels) where kind == .classic: $0.appendChannels("SUBSCRIBE", channels)
                case .unsubscribe(let channels) where kind == .classic: $0.appendChannels("UNSUBSCRIBE", channels)
                case .subscribe(let channels):
                    if kind == .importing { $0 += RedisCommand("ASKING").encoded }
                    $0.appendChannels("SSUBSCRIBE", channels)
                case .unsubscribe(let channels):
                    $0.appendChannels("SUNSUBSCRIBE", channels)
                    $0 += RedisCommand("PING").encoded
                }
            }
        }
    }

    func linkDidTick() {
        let now = link.now
        switch watch.tick(now: now, lastHeard: link.lastHeard, timing: link.timing) {
        case .ping:
            table.sentPing()
            link.send { $0 += RedisCommand("PING").encoded }
        case .giveUp: return link.fail(.silent(milliseconds: link.timing.pongMilliseconds))
        case nil: break
        }
        if now - lastRetry >= link.timing.refusedRetryMilliseconds {
            lastRetry = now
            table.retryRefused()
        }
    }

    func linkDidFail(_ failure: RedisFailure, wasReady: Bool) {
        if wasReady { table.disconnected() }
        report(RedisEvent(failure, wasReady: wasReady))
        if wasReady, !link.isClosed { handler?.subscriberDidDisconnect(self) }
    }

    func linkReports(_ event: RedisEvent) { report(event) }

    private func report(_ event: RedisEvent) { onEvent?(event, .pubsub) }
}

// MARK: Receiving

extension RedisSubscriber {
    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        // The subscriber holds the handler weakly: the handler went away without a call of ``close()``.
        guard let messages else { return close() }
        // The handler may close the subscriber: keep the reader that these bytes belong to.
        let reader = reader
        try reader.feed(bytes)
        while let push = try reader.next() {
            if push == .message {
                messages.busDidReceive(reader.payload, on: reader.channel)
            } else {
                try hear(push, reader)
            }
            guard link.isReady else { return }
        }
        messages.busDidFeed()
    }

    /// Handles every push but messages.
    private func hear(_ push: Push, _ reader: PushReader) throws(RedisFailure) {
        switch push {
        case .message, .other: break
        case .subscribed:
            let channel = String(decoding: reader.channel, as: UTF8.self)
            if try table.confirmSubscribed(channel) { handler?.subscriber(self, didSubscribe: channel) }
        case .unsubscribed:
            try table.confirmUnsubscribed(String(decoding: reader.channel, as: UTF8.self))
        case .ended:
            let channel = String(decoding: reader.channel, as: UTF8.self)
            if table.end(channel) { handler?.subscriber(self, didEnd: channel) }
        case .ok: try table.confirmAsking()
        case .pong:
            try table.confirmPong()
            watch.didAnswer()
        case .error:
            try hear(RedisReplyError(line: String(decoding: reader.payload, as: UTF8.self)))
        }
    }

    private func hear(_ error: RedisReplyError) throws(RedisFailure) {
        switch try table.refuse(error) {
        case .ping: watch.didAnswer()
        case .retried, .ended: break
        case .turnedAway(let channels): handler?.subscriber(self, didTurnAway: channels, error: error)
        case .channels(let channels):
            for channel in channels where link.isReady { handler?.subscriber(self, didRefuse: channel, error: error) }
        }
    }
}
