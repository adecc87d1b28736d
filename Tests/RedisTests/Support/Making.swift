import RedisFixture
import EventLoop

@testable import RESP
@testable import Redis

extension RedisTiming {
    /// As the real ones, but quick.
    static var quick: RedisTiming {
        var timing = RedisTiming()
        timing.connectMilliseconds = 500
        timing.commandMilliseconds = 200
        timing.idlePingMilliseconds = 50
        timing.subscriberPingMilliseconds = 50
        timing.pongMilliseconds = 100
        timing.tickMilliseconds = 10
        timing.minBackoffMilliseconds = 2
        timing.maxBackoffMilliseconds = 50
        timing.unavailableRetryMilliseconds = 5
        timing.refusedRetryMilliseconds = 20
        return timing
    }
}

extension LoopHost {
    /// A connection whose events go into the journal.
    func connection(
        _ endpoint: RedisEndpoint, scripts: [RedisScript] = [], timing: RedisTiming = .quick
    ) -> (CommandConnection, Journal<RedisEvent>) {
        let connection = CommandConnection(
            loop: loop, endpoint: endpoint, name: "test", scripts: scripts, timing: timing)
        let journal = Journal<RedisEvent>()
        connection.onEvent = { event, _ in journal.add(event) }
        return (connection, journal)
    }

    /// A subscriber with its handler's journal and its own.
    func subscriber(
        _ endpoint: RedisEndpoint, timing: RedisTiming = .quick
    ) -> (RedisSubscriber, ListeningHandler, Journal<RedisEvent>) {
        let handler = ListeningHandler()
        let subscriber = RedisSubscriber(loop: loop, endpoint: endpoint, name: "test", timing: timing)
        subscriber.handler = handler
        subscriber.messages = handler
        handler.subscriber = subscriber
        let journal = Journal<RedisEvent>()
        subscriber.onEvent = { event, _ in journal.add(event) }
        return (subscriber, handler, journal)
    }
}

extension RedisEndpoint {
    init(_ server: RedisServerProcess) { self.init(address: .unix(path: server.path)) }
}

extension RedisEvent {
    var isConnected: Bool { if case .connected = self { true } else { false } }
    var failure: RedisFailure? {
        switch self {
        case .lost(let failure), .failed(let failure), .refused(let failure): failure
        case .connected, .declined, .tookOver, .retrying: nil
        }
    }
}

// `#expect(throws:)` would leave the loop: its closure is isolated to nobody.
extension CommandBus {
    /// Why `command` fails; `nil` when it does not.
    func error(of command: RedisCommand, isolation: isolated (any Actor)? = #isolation) async -> RedisError? {
        do {
            _ = try await send(command)
            return nil
        } catch {
            return error
        }
    }

    /// Why the attempt under way fails; `nil` when it does not.
    func errorOfConnecting(isolation: isolated (any Actor)? = #isolation) async -> RedisFailure? {
        do {
            try await connected()
            return nil
        } catch {
            return error
        }
    }
}

/// What happened to which connection.
struct BusEvent: Equatable, Sendable {
    let event: RedisEvent
    let role: RedisRole

    /// The address, where it happened to one of several servers.
    var address: RedisEndpoint.Address? { if case .part(let part) = role { part.address } else { nil } }
}
