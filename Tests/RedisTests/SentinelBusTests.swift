import Testing

@testable import RESP
@testable import Redis
@testable import Topology

@Suite("A bus to the master that Sentinels name")
struct SentinelBusTests {
    private static let alarm = "*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$9\r\nm 1 2 3 4\r\n"

    @Test("goes with both connections where a Sentinel says that the master is now")
    func moves() async throws {
        try await LoopHost.run { host in
            let (old, new) = (try Master(on: host, "old"), try Master(on: host, "new"))
            let sentinel = try NamingSentinel(on: host, old)
            let (bus, events) = sentinel.bus(on: host)
            for _ in 0..<2 { await events.next { $0 == .connected("old") } }
            #expect(bus.runID(for: "k") == "old" && bus.isListening)
            sentinel.master = new
            sentinel.say(Self.alarm)
            for _ in 0..<2 { await events.next { $0 == .connected("new") } }
            #expect(bus.runID(for: "k") == "new" && bus.isListening)
            bus.close()
        }
    }

    @Test("asks again where its connection is lost, and where a command is answered READONLY")
    func asksAgain() async throws {
        try await LoopHost.run { host in
            let (old, new) = (try Master(on: host, "old"), try Master(on: host, "new"))
            let sentinel = try NamingSentinel(on: host, old)
            let (bus, events) = sentinel.bus(on: host)
            for _ in 0..<2 { await events.next { $0 == .connected("old") } }
            sentinel.master = new
            bus.send(RedisCommand("SET", .key("k"), "READONLY")) { _ in }
            for _ in 0..<2 { await events.next { $0 == .connected("new") } }
            sentinel.master = old
            for connection in new.redis.connections { connection.close() }
            for _ in 0..<2 { await events.next { $0 == .connected("old") } }
            bus.close()
        }
    }

    @Test("does not take a replica for the master, and waits until it is one")
    func replica() async throws {
        try await LoopHost.run { host in
            let master = try Master(on: host, "one")
            master.role = "slave"
            let sentinel = try NamingSentinel(on: host, master)
            let (bus, events) = sentinel.bus(on: host)
            await events.next { $0 == .failed }
            #expect(bus.whyNotReady == .turnedAway(.replica))
            master.role = "master"
            for _ in 0..<2 { await events.next { $0 == .connected("one") } }
            bus.close()
        }
    }

    @Test("says of each Sentinel why none can be asked")
    func nobody() async throws {
        try await LoopHost.run { host in
            let noSentinel = try FakeRedis(loop: host.loop) { _, words in FakeRedis.handshake(words) ?? .cut }
            let group = SentinelGroup(sentinels: [.unix(path: "/nowhere/s"), noSentinel.endpoint.address], name: "m")
            let bus = RedisConnector(.sentinel(group)).commands(loop: host.loop, name: "test")
            bus.start()
            do {
                try await bus.connected()
                Issue.record("it is connected")
            } catch {
                #expect("\(error)".contains("/nowhere/s: cannot connect"))
                #expect("\(error)".contains("this is a Redis, not a Sentinel"))
            }
            bus.close()
            noSentinel.close()
        }
    }
}

/// A Redis that says which one it is.
private final class Master {
    var role = "master"
    private(set) var redis: FakeRedis!

    init(on host: isolated LoopHost, _ name: String) throws {
        redis = try FakeRedis(loop: host.loop) { [unowned self] _, words in
            switch words[0] {
            case "INFO":
                let text = "redis_version:7.0.15\r\nrun_id:\(name)\r\nrole:\(role)\r\n"
                return .say("$\(text.utf8.count)\r\n\(text)\r\n")
            case "SET": return .say("-\(words[2]) no\r\n")
            default: return FakeRedis.handshake(words) ?? .silence
            }
        }
    }
}

/// A Sentinel that says what it is told to.
private final class NamingSentinel {
    var master: Master
    private var redis: FakeRedis!

    init(on host: isolated LoopHost, _ master: Master) throws {
        self.master = master
        redis = try FakeRedis(loop: host.loop) { [unowned self] _, words in answer(words) }
    }

    private func answer(_ words: [String]) -> FakeRedis.Reaction {
        switch words.prefix(2).joined(separator: " ") {
        case "INFO server":
            let text = "redis_version:7.0.15\r\nredis_mode:sentinel\r\nrun_id:s\r\n"
            return .say("$\(text.utf8.count)\r\n\(text)\r\n")
        case "SENTINEL GET-MASTER-ADDR-BY-NAME":
            guard case .tcp(let host, let port) = master.redis.endpoint.address else { return .cut }
            return .say("*2\r\n$\(host.utf8.count)\r\n\(host)\r\n$\("\(port)".utf8.count)\r\n\(port)\r\n")
        case "SENTINEL MYID": return .say("$1\r\ns\r\n")
        case "SENTINEL SENTINELS": return .say("*0\r\n")
        case "SUBSCRIBE +switch-master": return .say("*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n")
        default: return FakeRedis.handshake(words) ?? .cut
        }
    }

    /// Says something to all who listen.
    func say(_ text: String) {
        for connection in redis.connections where connection.commands.contains(where: { $0[0] == "SUBSCRIBE" }) {
            connection.say(text)
        }
    }

    enum Seen: Equatable, Sendable { case connected(String), failed, other }

    /// A bus that has begun, and what happens to its connections.
    func bus(on host: isolated LoopHost) -> (any Bus, Journal<Seen>) {
        let group = SentinelGroup(sentinels: [redis.endpoint.address], name: "m")
        let bus = RedisConnector(.sentinel(group)).bus(loop: host.loop, name: "test", scripts: [])
        let journal = Journal<Seen>()
        bus.onEvent = { event, role in
            guard role == .commands || role == .pubsub else { return }
            switch event {
            case .connected(let server): journal.add(.connected(server.runID))
            case .failed: journal.add(.failed)
            default: journal.add(.other)
            }
        }
        bus.messages = Self.nobody
        bus.start()
        return (bus, journal)
    }

    private nonisolated(unsafe) static let nobody = Nobody()
}

/// Listens, and does nothing.
private final class Nobody: MessageHandler {
    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {}
    func busDidFeed() {}
}
