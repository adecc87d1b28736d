import EventLoop
import RESP

/// One Redis, at a fixed address or the master that the Sentinels name: a connection for commands, and one for
/// subscriptions. Loop-confined.
final class SingleServer: Bus {
    var onEvent: ((RedisEvent, RedisRole) -> Void)?
    var onReply: ((UInt64) -> Void)? {
        didSet { commands.onReply = onReply }
    }
    weak var handler: (any BusHandler)? {
        didSet { subscriber.messages = handler }
    }

    private let commands: CommandConnection
    private let subscriber: RedisSubscriber

    /// A bus, not started yet, to the address from `finder`, or to the fixed address of `login`. It runs only the
    /// login's scripts.
    init(loop: EventLoop, login: Login, finder: SentinelFinder? = nil, timing: RedisTiming = RedisTiming()) {
        commands = CommandConnection(loop: loop, login: login, finder: finder, timing: timing)
        subscriber = RedisSubscriber(loop: loop, login: login.forSubscriptions, finder: finder, timing: timing)
        finder?.onEvent = { [unowned self] event, role in onEvent?(event, role) }
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
extension SingleServer: Sendable {}

// MARK: Commands

extension SingleServer {
    var isReady: Bool { commands.isReady }
    var whyNotReady: RedisError { commands.whyNotReady }
    var pendingCount: Int { commands.pendingCount }
    var masters: [any CommandBus] { [commands] }

    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void) {
        commands.whenConnected(completion)
    }

    func runID(for key: String) -> String? { commands.runID }

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

extension SingleServer: RedisSubscriberHandler {
    var isListening: Bool { subscriber.isReady }

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
