import RedisFixture
import Testing

@testable import RESP
@testable import Redis
@testable import Topology

@Suite("A bus to one Redis")
struct ClassicBusTests {
    private static let echo = RedisScript(name: "echo", text: "#!lua\nreturn ARGV[1]")

    @Test("runs scripts, publishes and hears, and says what was lost and what is back")
    func all() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let listener = BusListener()
            let bus = RedisConnector(RedisEndpoint(redis)).bus(loop: host.loop, name: "test", scripts: [Self.echo])
            (bus.handler, bus.messages) = (listener, listener)
            bus.subscribe("a")
            #expect(bus.runID(for: "k") == nil && bus.whyNotReady == .notReady)
            bus.start()
            try await bus.connected()
            await listener.journal.next { $0 == .subscribed("a") }
            #expect(bus.isReady && bus.isListening && bus.runID(for: "k") != nil && bus.masters.count == 1)
            let reply = try await bus.run(Self.echo, keys: ["k"], arguments: [[0x31]])
            #expect(reply == .bulk([0x31]))
            let receivers = try await bus.publish(Array("hello".utf8), to: "a")
            #expect(receivers == .integer(1))
            await listener.journal.next { $0 == .message("hello", on: "a") }
            try await bus.send(RedisCommand("CLIENT", "KILL", "TYPE", "pubsub"))
            for expected in [BusListener.Heard.lost(.all), .subscribed("a")] {
                #expect(await listener.journal.next() == expected)
            }
            bus.reconnect(hearing: "a")
            for expected in [BusListener.Heard.lost(.all), .subscribed("a")] {
                #expect(await listener.journal.next() == expected)
            }
            bus.close()
            #expect(bus.whyNotReady == .closed && !bus.isListening)
        }
    }

    @Test("leaves a Redis that has become a replica with both connections")
    func demoted() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in
                switch words[0] {
                case "SUBSCRIBE": .say("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
                case "SET": .say("-READONLY no\r\n")
                default: FakeRedis.handshake(words) ?? .cut
                }
            }
            let listener = BusListener()
            let events = Journal<BusEvent>()
            let bus = RedisConnector(server.endpoint).bus(loop: host.loop, name: "test", scripts: [])
            (bus.handler, bus.messages) = (listener, listener)
            bus.onEvent = { events.add(BusEvent(event: $0, role: $1)) }
            bus.subscribe("a")
            bus.start()
            try await bus.connected()
            await listener.journal.next { $0 == .subscribed("a") }
            bus.send(RedisCommand("SET", .key("k"), "1")) { _ in }
            await listener.journal.next { $0 == .lost(.all) }
            let error = RedisReplyError(code: "READONLY", message: "no")
            let lost = BusEvent(event: .lost(.unavailable(error)), role: .commands)
            #expect(
                events.all.contains(BusEvent(event: .declined(error), role: .commands)) && events.all.contains(lost))
            await listener.journal.next { $0 == .subscribed("a") }
            bus.close()
            server.close()
        }
    }
}

/// Keeps a journal of what a bus tells its handler.
final class BusListener: BusHandler, MessageHandler {
    enum Heard: Equatable, Sendable {
        case message(String, on: String)
        case subscribed(String)
        case refused(String, code: String)
        case lost(LostChannels)
        case checked(String)
    }

    let journal = Journal<Heard>()

    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        journal.add(.message(String(decoding: payload, as: UTF8.self), on: String(decoding: channel, as: UTF8.self)))
    }

    func busDidFeed() {}
    func busDidSubscribe(_ channel: String) { journal.add(.subscribed(channel)) }
    func busDidRefuse(_ channel: String, _ error: RedisReplyError) {
        journal.add(.refused(channel, code: error.code))
    }
    func busDidLose(_ channels: LostChannels) { journal.add(.lost(channels)) }
    func busDidCheck(_ channel: String) { journal.add(.checked(channel)) }
}
