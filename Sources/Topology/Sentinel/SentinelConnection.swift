import EventLoop
import RESP
import Redis
import Sentinels

/// The connections of a loop to one Sentinel: one for questions, and one that hears about new masters. Loop-confined.
final class SentinelConnection {
    /// Called for each answer and each change of the Sentinel.
    var onEvent: ((SentinelWatch.Event) -> Void)?
    /// Called for every event of the connection for questions.
    var onConnection: ((RedisEvent) -> Void)?

    private static let switched = "+switch-master"

    private let address: RedisEndpoint.Address
    private let group: String
    private let questions: CommandConnection
    private let alarm: RedisSubscriber

    init(loop: EventLoop, group: SentinelGroup, address: RedisEndpoint.Address, name: String, timing: RedisTiming) {
        self.address = address
        self.group = group.name
        let login = Login(endpoint: group.sentinel(at: address), name: name, expected: .sentinel)
        questions = CommandConnection(loop: loop, login: login, timing: timing)
        alarm = RedisSubscriber(loop: loop, login: login, timing: timing)
    }

    func start() {
        questions.onEvent = { [unowned self] event, _ in pass(event) }
        alarm.messages = self
        alarm.handler = self
        alarm.subscribe(Self.switched)
        questions.start()
        alarm.start()
    }

    func close() {
        onEvent = nil
        questions.close()
        alarm.close()
    }

    private func pass(_ event: RedisEvent) {
        onConnection?(event)
        switch event {
        case .connected: onEvent?(.reached(address))
        case .lost(let failure), .failed(let failure), .refused(let failure): onEvent?(.failed(address, failure))
        case .declined, .tookOver, .retrying: break
        }
    }
}

// MARK: Questions

extension SentinelConnection {
    /// Asks the Sentinel for the master's address.
    func ask() {
        let command = RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", .string(group))
        questions.send(command) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let reply): onEvent?(SentinelReplies.master(reply, of: address))
            case .failure(.reply(let error)): onEvent?(.failed(address, .refused(error)))
            case .failure: break  // The connection is gone, which has its own event.
            }
        }
    }

    /// Asks the Sentinel for its id and for other Sentinels. A missing right costs only these answers.
    func greet() {
        questions.send(RedisCommand("SENTINEL", "MYID")) { [weak self] result in
            guard let self, case .success(let reply) = result, let id = reply.string else { return }
            onEvent?(.identified(address, id: id))
        }
        questions.send(RedisCommand("SENTINEL", "SENTINELS", .string(group))) { [weak self] result in
            guard let self, case .success(let reply) = result else { return }
            onEvent?(.listed(SentinelReplies.peers(reply)))
        }
    }
}

// MARK: Messages

extension SentinelConnection: MessageHandler {
    /// Every message leads to a question for the master: the address in the message may be old.
    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        let name = String(decoding: payload, as: UTF8.self).prefix { $0 != " " }
        if name == group { onEvent?(.alarmed) }
    }

    func busDidFeed() {}
}

extension SentinelConnection: RedisSubscriberHandler {
    /// The connection missed earlier messages.
    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String) { onEvent?(.alarmed) }
    /// The loop still asks the Sentinel every two seconds.
    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError) {}
    func subscriberDidDisconnect(_ subscriber: RedisSubscriber) {}
}

@available(*, unavailable)
extension SentinelConnection: Sendable {}
