public import RESP

/// Receives what a ``RedisSubscriber`` hears. All calls come on the loop.
public protocol RedisSubscriberHandler: AnyObject {
    /// A message. Both are valid during the call only; nothing was allocated for it. May still come for a channel just
    /// unsubscribed.
    func subscriber(
        _ subscriber: RedisSubscriber, didReceive payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer)
    /// After every 16 KiB or less given to the reader: flush now.
    func subscriberDidFeed(_ subscriber: RedisSubscriber)
    /// The subscription stands: once after each `subscribe` of a channel not wanted before, and again after a reconnect.
    /// Whatever is published from now on will be heard.
    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String)
    /// Redis refused a channel (NOPERM); an operator must help. It is asked again, slowly, as long as it is wanted.
    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError)
    /// The connection is lost: messages are being missed.
    func subscriberDidDisconnect(_ subscriber: RedisSubscriber)
    /// Connected again after a loss; `didSubscribe` follows for every channel, as Redis confirms it.
    func subscriberDidReconnect(_ subscriber: RedisSubscriber)
}
