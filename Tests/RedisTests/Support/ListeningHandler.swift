@testable import RESP
@testable import Redis

/// Keeps a journal of what a subscriber hears.
final class ListeningHandler: RedisSubscriberHandler, MessageHandler {
    enum Heard: Equatable, Sendable {
        case message(String, on: String)
        case subscribed(String)
        case refused(String, code: String)
        case disconnected
    }

    let journal = Journal<Heard>()
    private(set) var feeds = 0
    /// Whom it listens to.
    weak var subscriber: RedisSubscriber?
    /// Called at every message, before it is written down; may close the subscriber.
    var onMessage: ((RedisSubscriber) -> Void)?

    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        if let subscriber { onMessage?(subscriber) }
        journal.add(.message(String(decoding: payload, as: UTF8.self), on: String(decoding: channel, as: UTF8.self)))
    }

    func busDidFeed() { feeds += 1 }
    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String) { journal.add(.subscribed(channel)) }
    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError) {
        journal.add(.refused(channel, code: error.code))
    }
    func subscriberDidDisconnect(_ subscriber: RedisSubscriber) { journal.add(.disconnected) }
}
