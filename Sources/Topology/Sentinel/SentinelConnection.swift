import EventLoop
import RESP
import Redis
import Sentinels

/// The connections of a loop to one Sentinel: one that asks, and one that hears when a master changes. Loop-confined.
final class SentinelConnection {
    /// What the Sentinel does and says.
    var onEvent: ((SentinelWatch.Event) -> Void)?
    /// What happens to the connection that asks.
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
        questions.onEvent = { [unowned self] event, _ in note(event) }
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

    private func note(_ event: RedisEvent) {
        onConnection?(event)
        switch event {
        case .connected: onEvent?(.reached(address))
        case .lost(let failure), .failed(let failure), .refused(let failure): onEvent?(.failed(address, failure))
        case .declined, .retrying, .shard: break
        }
    }
}

// MARK: Questions

extension SentinelConnection {
    /// Asks where the master is.
    func ask() {
        let command = RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", .string(group))
        questions.send(command) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let reply): onEvent?(SentinelReplies.master(reply, of: address))
            case .failure(.reply(let error)): onEvent?(.failed(address, .refused(error)))
            case .failure: break  // The connection is gone, which is said by itself.
            }
        }
    }

    /// Asks who it is and whom it knows. A right that is missing costs only what would have been learnt.
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

// MARK: What is heard

extension SentinelConnection: MessageHandler {
    /// Whatever it says: the master is asked for, since an address that is heard may be old by now.
    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        let name = String(decoding: payload, as: UTF8.self).prefix { $0 != " " }
        if name == group { onEvent?(.alarmed) }
    }

    func busDidFeed() {}
}

extension SentinelConnection: RedisSubscriberHandler {
    /// What was said before is not heard.
    func subscriber(_ subscriber: RedisSubscriber, didSubscribe channel: String) { onEvent?(.alarmed) }
    /// Then it is asked every two seconds all the same.
    func subscriber(_ subscriber: RedisSubscriber, didRefuse channel: String, error: RedisReplyError) {}
    func subscriberDidDisconnect(_ subscriber: RedisSubscriber) {}
}

@available(*, unavailable)
extension SentinelConnection: Sendable {}
