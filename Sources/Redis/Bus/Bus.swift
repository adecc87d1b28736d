public import RESP

/// The connections of a loop to Redis, for commands and for subscriptions, in any topology. Confined to its loop.
///
/// The bus renews its subscriptions after every loss: ``handler`` hears which channels were lost, and hears of each
/// channel that is back.
public protocol Bus: CommandBus {
    /// Hears about the channels. Held weakly. Set before ``CommandBus/start()``.
    var handler: (any BusHandler)? { get set }
    /// Takes the messages. Held weakly; without it the bus hears nothing more. Set before ``CommandBus/start()``.
    var messages: (any MessageHandler)? { get set }
    /// Whether the bus hears messages. Single channels may still wait for their confirmation.
    var isListening: Bool { get }
    /// The servers whose channels the bus does not hear, though it may reach their keys. None where one connection has all
    /// channels.
    var unheardShards: [AbsentShard] { get }

    /// Subscribes to `channel`, now and after every loss. No effect where it is subscribed already.
    func subscribe(_ channel: String)
    /// Unsubscribes from `channel`. Messages under way may still come.
    func unsubscribe(_ channel: String)
    /// Replaces the connection of `channel`, as after a loss: for a probe that finds the connection deaf though Redis
    /// answers PINGs.
    func reconnect(hearing channel: String)
}

extension Bus {
    /// None: one connection has all channels.
    public var unheardShards: [AbsentShard] { [] }

    /// The names of all that cannot be asked, or is not heard, each once.
    public var namesOfAbsentShards: [String] { Set((absentShards + unheardShards).map(\.name)).sorted() }
}

/// Takes the messages of a bus. All calls come on the loop.
public protocol MessageHandler: AnyObject {
    /// A message. Both are valid during the call only; the bus allocates nothing for it. A message may still come for a
    /// channel just unsubscribed.
    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer)
    /// Called after every 16 KiB or less of messages: the handler flushes now.
    func busDidFeed()
}

/// Hears about the state of the channels of a bus. All calls come on the loop.
public protocol BusHandler: AnyObject {
    /// Redis confirmed the subscription: once after each `subscribe` of a new channel, and again after every loss. The
    /// bus hears every message that is published from now on.
    func busDidSubscribe(_ channel: String)
    /// Redis refused a channel (NOPERM); an operator must help. The bus retries slowly while the channel is wanted.
    func busDidRefuse(_ channel: String, _ error: RedisReplyError)
    /// The bus misses messages of these channels until ``busDidSubscribe(_:)`` reports a channel as back.
    func busDidLose(_ channels: LostChannels)
    /// The bus may have missed messages of the channel, and hears every message that is published from now on.
    func busDidCheck(_ channel: String)
}

/// The channels of a lost connection.
public enum LostChannels: Sendable, Equatable {
    /// Every channel of the bus.
    case all
    /// The channels of one of several connections.
    case some([String])
}
