public import EventLoop

/// Receives what a ``RedisSubscriber`` hears. All calls come on the loop.
public protocol RedisSubscriberHandler: AnyObject {
    /// A message. Both are valid during the call only; nothing was allocated for it. May still come after `unsubscribe`.
    func subscriber(
        _ subscriber: RedisSubscriber, didReceive payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer)
    /// After every 16 KiB or less given to the reader: flush now (RULES 1).
    func subscriberDidFeed(_ subscriber: RedisSubscriber)
    /// Redis confirmed a subscription: once after each `subscribe` of a channel not subscribed to, and again after a reconnect.
    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String)
    /// Redis refused a channel (NOPERM). It is asked again, slowly, until it is unsubscribed.
    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError)
    /// The connection is lost: messages are being missed.
    func subscriberDidDisconnect(_ subscriber: RedisSubscriber)
    /// Connected again; `didSubscribe` follows for every channel, as Redis confirms it.
    func subscriberDidReconnect(_ subscriber: RedisSubscriber)
}

/// The pub/sub connection of a loop: subscribes in batches, survives everything, keeps wanting what it was told to want.
public final class RedisSubscriber {
    /// Called on every change; set before ``start()``.
    public var onEvent: ((RedisEvent) -> Void)? {
        didSet { link.onEvent = onEvent }
    }

    private weak var handler: (any RedisSubscriberHandler)?
    private var link: RedisLink!
    private var reader = PushReader()
    private var table = SubscriptionTable()
    private var nextPing: UInt64 = 0
    private var pongDeadline: UInt64?
    private var nextRetry: UInt64 = 0
    private var wasConnected = false

    /// A subscriber that is not started yet. `handler` is held weakly.
    public init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, handler: any RedisSubscriberHandler,
        timing: RedisTiming = RedisTiming(), random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        self.handler = handler
        link = RedisLink(
            loop: loop, endpoint: endpoint, name: name, scripts: [], timing: timing, random: random, owner: self)
    }

    /// Whether it is connected; single channels may still be waiting for their confirmation.
    public var isReady: Bool { link.isReady }
    /// Channels wanted.
    public var channelCount: Int { table.wantedCount }
    /// Channels whose subscription or unsubscription Redis has not confirmed yet.
    public var unsettledCount: Int { table.unsettledCount }

    /// Begins to connect, and goes on for ever.
    public func start() { link.start() }
    /// Ends for good.
    public func close() { link.close() }

    /// Wants `channel`, at once and after every reconnect. Nothing happens when it is wanted already. The SUBSCRIBE leaves at
    /// the end of the turn, with all others of the turn.
    public func subscribe(_ channel: String) { table.subscribe(channel) }
    /// No longer wants `channel`.
    public func unsubscribe(_ channel: String) { table.unsubscribe(channel) }
}

// MARK: The link

extension RedisSubscriber: RedisLinkOwner {
    func linkDidConnect(_ outcome: Handshake.Outcome) {
        reader = PushReader()
        table.connected()
        let now = link.patience.now
        (nextPing, pongDeadline) = (now + link.timing.subscriberPingMilliseconds, nil)
        nextRetry = now + link.timing.refusedRetryMilliseconds
        if wasConnected { handler?.subscriberDidReconnect(self) }
        wasConnected = true
    }

    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        try reader.feed(bytes)
        while let push = try reader.next() { try receive(push) }
        handler?.subscriberDidFeed(self)
    }

    func linkDidFail(_ failure: RedisFailure, wasReady: Bool) {
        guard wasReady else { return }
        table.disconnected()
        handler?.subscriberDidDisconnect(self)
    }

    func linkDidTick(_ now: UInt64) throws(RedisFailure) {
        if let pongDeadline, now >= pongDeadline { throw .silent(milliseconds: link.timing.pongMilliseconds) }
        if pongDeadline == nil, now >= nextPing {
            link.append(RedisCommand("PING").encoded)
            table.sentPing()
            pongDeadline = now + link.timing.pongMilliseconds
        }
        if now >= nextRetry {
            nextRetry = now + link.timing.refusedRetryMilliseconds
            table.retryRefused()
        }
    }

    func linkWillFlush() {
        for channel in table.takeSettledAgain() { handler?.subscriber(self, didSubscribe: channel) }
        while let command = table.nextCommand() {
            switch command {
            case .subscribe(let channels): link.append { $0.appendChannels("SUBSCRIBE", channels) }
            case .unsubscribe(let channels): link.append { $0.appendChannels("UNSUBSCRIBE", channels) }
            }
        }
    }

    private func receive(_ push: Push) throws(RedisFailure) {
        switch push {
        case .message: handler?.subscriber(self, didReceive: reader.payload, on: reader.channel)
        case .subscribed:
            let channel = channelName
            if try table.confirmSubscribed(channel) { handler?.subscriber(self, didSubscribe: channel) }
        case .unsubscribed: try table.confirmUnsubscribed(channelName)
        case .pong: try confirmPong()
        case .error: try receiveError()
        case .other: break
        }
    }

    private var channelName: String { String(decoding: reader.channel, as: UTF8.self) }

    private func confirmPong() throws(RedisFailure) {
        try table.confirmPong()
        pongDeadline = nil
        nextPing = link.patience.now + link.timing.subscriberPingMilliseconds
    }

    private func receiveError() throws(RedisFailure) {
        let error = RedisReplyError(line: String(decoding: reader.payload, as: UTF8.self))
        switch try table.refuse(error) {
        case .channels(let channels):
            for channel in channels { handler?.subscriber(self, didRefuse: channel, error: error) }
        case .retried: break
        case .ping:
            pongDeadline = nil
            nextPing = link.patience.now + link.timing.subscriberPingMilliseconds
        }
    }
}

@available(*, unavailable)
extension RedisSubscriber: Sendable {}
