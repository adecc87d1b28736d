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
    public var onEvent: ((RedisEvent) -> Void)?
    /// Whether it is connected; single channels may still be waiting for their confirmation.
    public var isReady: Bool { fatalError() }
    /// Channels wanted.
    public var channelCount: Int { fatalError() }
    /// Channels whose subscription or unsubscription Redis has not confirmed yet.
    public var unsettledCount: Int { fatalError() }

    /// A subscriber that is not started yet. `handler` is held weakly.
    public init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, handler: any RedisSubscriberHandler,
        timing: RedisTiming = RedisTiming(), random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) { fatalError() }

    /// Begins to connect, and goes on for ever.
    public func start() { fatalError() }
    /// Ends for good.
    public func close() { fatalError() }
    /// Wants `channel`, at once and after every reconnect. Nothing happens when it is wanted already.
    public func subscribe(_ channel: String) { fatalError() }
    /// No longer wants `channel`.
    public func unsubscribe(_ channel: String) { fatalError() }
}

@available(*, unavailable)
extension RedisSubscriber: Sendable {}
