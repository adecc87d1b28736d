package import RESP

/// Hears what happens to the channels of a ``RedisSubscriber``; their messages go to its ``MessageHandler``. All calls come on
/// the loop.
package protocol RedisSubscriberHandler: AnyObject {
    /// The subscription stands: once after each `subscribe` of a channel not wanted before, and again after a reconnect.
    /// Whatever is published from now on will be heard.
    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String)
    /// Redis refused a channel (NOPERM); an operator must help. It is asked again, slowly, as long as it is wanted.
    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError)
    /// The connection is lost: messages of all its channels are being missed. `didSubscribe` follows for each channel that
    /// is back.
    func subscriberDidDisconnect(_ subscriber: RedisSubscriber)
}
