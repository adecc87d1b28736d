package import RESP
package import EventLoop

/// The pub/sub connection of a loop: keeps subscribed what it was told to, whatever happens to the connection. Loop-confined.
///
/// Everything (un)subscribed in one turn leaves in one write at its end, 256 channels a command, at most 8 commands unconfirmed.
/// Whether a channel lingers before it is unsubscribed is the caller's decision. An owner that goes away calls ``close()``.
package final class RedisSubscriber {
    /// Called for everything that happens to the connection, on the loop. Set before ``start()``.
    package var onEvent: ((RedisEvent, RedisRole) -> Void)?
    /// Takes the messages. Set before ``start()``; once it is gone, the connection is closed.
    package weak var messages: (any MessageHandler)?
    /// Hears what happens to the channels. Set before ``start()``.
    package weak var handler: (any RedisSubscriberHandler)?

    /// The Redis at the other end, as of the last time it was connected.
    private(set) var server: RedisServer?

    private let link: RedisLink
    private var table = SubscriptionTable()
    private var reader = PushReader()
    private var watch = PongWatch(now: 0)
    private var lastRetry: UInt64 = 0

    /// A subscriber that is not started yet, to where `finder` says, or always to the address of `login`.
    package init(
        loop: EventLoop, login: Login, finder: (any RedisFinder)? = nil, timing: RedisTiming = RedisTiming(),
        random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        link = RedisLink(loop: loop, login: login, finder: finder, timing: timing, random: random)
    }

    /// A subscriber to one Redis.
    package convenience init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, timing: RedisTiming = RedisTiming()
    ) {
        self.init(loop: loop, login: Login(endpoint: endpoint, name: name), timing: timing)
    }

    /// Whether it is connected. Single channels may still wait for their confirmation: ``unsettledCount``.
    package var isReady: Bool { link.isReady }
    /// Channels wanted.
    var channelCount: Int { table.wantedCount }
    /// Channels whose last change Redis has not confirmed. Counts them: for tests and metrics.
    var unsettledCount: Int { table.unsettledCount }

    /// Begins to connect, and goes on for ever. Once, on the loop.
    package func start() {
        link.user = self
        link.start()
    }

    /// Ends for good; the handler hears nothing more. Once or often.
    package func close() {
        link.close()
        table = SubscriptionTable()
    }

    /// Drops the connection and makes a new one, as after a loss: for a probe that finds it deaf though it answers PINGs.
    package func reconnect() { link.fail(.ended("given up by its owner")) }

    /// Wants `channel`, from now on and after every reconnect. Nothing happens when it is wanted already.
    package func subscribe(_ channel: String) {
        link.checkLoop()
        table.subscribe(channel)
    }

    /// No longer wants `channel`. Messages under way may still come.
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
                case .subscribe(let channels): $0.appendChannels("SUBSCRIBE", channels)
                case .unsubscribe(let channels): $0.appendChannels("UNSUBSCRIBE", channels)
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

// MARK: What is heard

extension RedisSubscriber {
    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        // Held weakly: whoever listened is gone, and did not say so.
        guard let messages else { return close() }
        // The handler may close us: the reader stays the one these bytes belong to.
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

    /// Everything but messages.
    private func hear(_ push: Push, _ reader: PushReader) throws(RedisFailure) {
        switch push {
        case .message, .other: break
        case .subscribed:
            let channel = String(decoding: reader.channel, as: UTF8.self)
            if try table.confirmSubscribed(channel) { handler?.subscriber(self, didSubscribe: channel) }
        case .unsubscribed:
            try table.confirmUnsubscribed(String(decoding: reader.channel, as: UTF8.self))
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
        case .retried: break
        case .channels(let channels):
            for channel in channels where link.isReady { handler?.subscriber(self, didRefuse: channel, error: error) }
        }
    }
}
