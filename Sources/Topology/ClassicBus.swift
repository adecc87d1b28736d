import RESP
import Redis

/// A bus with one connection for all subscriptions: of one Redis, at a fixed address or the master that the Sentinels
/// name, or of a cluster, where every server hears every message. Loop-confined.
final class ClassicBus: Bus {
    var onEvent: ((RedisEvent, RedisRole) -> Void)?
    var onReply: ((UInt64) -> Void)? {
        didSet { commands.onReply = onReply }
    }
    weak var handler: (any BusHandler)?
    weak var messages: (any MessageHandler)? {
        didSet { subscriber.messages = messages }
    }

    private let commands: any CommandBus
    private let subscriber: RedisSubscriber

    /// A bus of these two parts, which are not started yet.
    init(commands: any CommandBus, subscriber: RedisSubscriber) {
        self.commands = commands
        self.subscriber = subscriber
        commands.onEvent = { [unowned self] event, role in pass(event, role) }
        subscriber.onEvent = { [unowned self] event, role in pass(event, role) }
        subscriber.handler = self
    }

    func start() {
        commands.start()
        subscriber.start()
    }

    func close() {
        commands.close()
        subscriber.close()
    }

    private func pass(_ event: RedisEvent, _ role: RedisRole) {
        onEvent?(event, role)
        guard role == .commands else { return }
        switch event {
        case .lost(.unavailable(let error)), .failed(.unavailable(let error)):
            // The Redis is a replica now: its master's messages come late, or never. Both connections disconnect.
            if error.isReadOnly, subscriber.isReady { subscriber.reconnect() }
        default: break
        }
    }
}

@available(*, unavailable)
extension ClassicBus: Sendable {}

// MARK: Commands

extension ClassicBus {
    var isReady: Bool { commands.isReady }
    var whyNotReady: RedisError { commands.whyNotReady }
    var pendingCount: Int { commands.pendingCount }
    var isSpread: Bool { commands.isSpread }
    var masters: [any CommandBus] { commands.masters }
    var newcomers: [any CommandBus] { commands.newcomers }
    var address: RedisEndpoint.Address? { commands.address }
    var absentShards: [AbsentShard] { commands.absentShards }

    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void) {
        commands.whenConnected(completion)
    }

    func runID(for key: String) -> String? { commands.runID(for: key) }

    func run(
        _ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion
    ) {
        commands.run(script, keys: keys, arguments: arguments, completion)
    }

    func send(_ command: RedisCommand, _ completion: @escaping Completion) {
        commands.send(command, completion)
    }

    func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion) {
        commands.publish(message, to: channel, completion)
    }
}

// MARK: Subscriptions

extension ClassicBus: RedisSubscriberHandler {
    var isListening: Bool { subscriber.isReady }
    /// The wanted channels.
    var channels: [String] { subscriber.channels }

    func subscribe(_ channel: String) { subscriber.subscribe(channel) }
    func unsubscribe(_ channel: String) { subscriber.unsubscribe(channel) }
    func reconnect(hearing channel: String) { subscriber.reconnect() }

    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String) {
        handler?.busDidSubscribe(channel)
    }

    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError) {
        handler?.busDidRefuse(channel, error)
    }

    func subscriberDidDisconnect(_ subscriber: RedisSubscriber) { handler?.busDidLose(.all) }
}
