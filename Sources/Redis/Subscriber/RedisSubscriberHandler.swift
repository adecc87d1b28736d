package import RESP

/// Hears about the state of the channels of a ``RedisSubscriber``; its ``MessageHandler`` takes the messages. All calls
/// come on the loop.
package protocol RedisSubscriberHandler: AnyObject {
    /// Redis confirmed the subscription: once after each `subscribe` of a new channel, and again after a reconnect.
    /// The handler hears every message that is published from now on.
    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String)
    /// Redis refused a channel (NOPERM); an operator must help. The subscriber retries a wanted channel slowly.
    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError)
    /// The connection is lost: the handler misses messages of all channels. `didSubscribe` follows for each channel
    /// that is back.
    func subscriberDidDisconnect(_ subscriber: RedisSubscriber)
    /// Redis gave the slot of a sharded channel away, and ended the subscription. The subscriber has forgotten the
    /// channel.
    func subscriber(_ subscriber: RedisSubscriber, didEnd channel: String)
    /// Another Redis of the cluster has the slot of these sharded channels, or none has. The subscriber has forgotten
    /// them.
    func subscriber(_ subscriber: RedisSubscriber, didTurnAway channels: [String], error: RedisReplyError)
}

extension RedisSubscriberHandler {
    /// Redis ends no classic subscription.
    package func subscriber(_ subscriber: RedisSubscriber, didEnd channel: String) {}
    /// Every Redis takes every classic subscription.
    package func subscriber(_ subscriber: RedisSubscriber, didTurnAway channels: [String], error: RedisReplyError) {}
}
