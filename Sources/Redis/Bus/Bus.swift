public import RESP

/// Everything a loop asks of Redis and hears from it, whichever way Redis is laid out. Confined to its loop.
///
/// What is subscribed stays subscribed whatever happens to the connections: ``handler`` hears which channels were lost, and
/// of each that is back.
public protocol Bus: CommandBus {
    /// Who hears. Held weakly; once it is gone, nothing is heard any more. Set before ``CommandBus/start()``.
    var handler: (any BusHandler)? { get set }
    /// Whether messages are heard. Single channels may still wait for their confirmation.
    var isListening: Bool { get }

    /// Wants `channel`, from now on and after every loss. Nothing happens when it is wanted already.
    func subscribe(_ channel: String)
    /// No longer wants `channel`. Messages under way may still come.
    func unsubscribe(_ channel: String)
    /// Gives up the connection that should hear `channel` and makes a new one, as after a loss: for a probe that finds it deaf
    /// though it answers PINGs.
    func reconnect(hearing channel: String)
}

/// Takes the messages of a bus. All calls come on the loop.
public protocol MessageHandler: AnyObject {
    /// A message. Both are valid during the call only; nothing was allocated for it. It may still come for a channel just
    /// unsubscribed.
    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer)
    /// Called after every 16 KiB or less of messages: the moment to flush.
    func busDidFeed()
}

/// Hears what happens to the channels of a bus. All calls come on the loop.
public protocol BusHandler: MessageHandler {
    /// The subscription stands: once after each `subscribe` of a channel not wanted before, and again after every loss.
    /// Whatever is published from now on will be heard.
    func busDidSubscribe(_ channel: String)
    /// Redis refused a channel (NOPERM); an operator must help. It is asked again, slowly, as long as it is wanted.
    func busDidRefuse(_ channel: String, _ error: RedisReplyError)
    /// Messages of these channels are being missed, until ``busDidSubscribe(_:)`` says that a channel is back.
    func busDidLose(_ channels: LostChannels)
}

/// The channels that a lost connection has taken along.
public enum LostChannels: Sendable, Equatable {
    /// Every channel of the bus.
    case all
    /// Those of one of several connections.
    case some([String])
}
