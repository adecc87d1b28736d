import Cluster
import RedisFixture
import Testing

@testable import RESP
@testable import Redis
@testable import Topology

/// A bus that hears channels at the master of their slot; of a real cluster of three masters and one without slots.
@Suite("A bus of sharded channels", .serialized, .timeLimit(.minutes(2)))
struct ShardedBusTests {
    private typealias Server = RedisClusterProcesses.Server

    private func bus(
        _ address: RedisEndpoint.Address, _ pubSub: ClusterPubSub, isCluster: Bool, _ host: isolated LoopHost
    ) -> (any Bus, BusListener) {
        let location: RedisLocation =
            isCluster ? .cluster(RedisSeeds([address])) : .server(RedisEndpoint(address: address))
        let bus = RedisConnector(location, pubSub: pubSub, timing: .quick)
            .bus(loop: host.loop, name: "test", scripts: [], sharded: Self.channels)
        let listener = BusListener()
        (bus.handler, bus.messages) = (listener, listener)
        return (bus, listener)
    }

    private static var channels: ShardedChannels {
        ShardedChannels(isSharded: { $0.hasPrefix("s:") }, proof: { "proof:\($0)" })
    }

    private static func address(_ server: Server) -> RedisEndpoint.Address {
        .tcp(host: "127.0.0.1", port: server.port)
    }

    private static func hearing(_ server: Server, _ channel: String) -> Int? {
        server.socket.call("PUBSUB", "SHARDNUMSUB", channel).list[1].int
    }

    @Test(
        "hears them there, whether the URL says that it is a cluster or not, and PUBLISH where it is to hear both",
        arguments: [ClusterPubSub.both, .sharded], [true, false])
    func ways(pubSub: ClusterPubSub, isCluster: Bool) async throws {
        let cluster = try RedisClusterProcesses()
        try await LoopHost.run { host in
            let (bus, listener) = bus(Self.address(cluster.masters[1]), pubSub, isCluster: isCluster, host)
            bus.subscribe("s:{b}")
            bus.subscribe("plain")
            bus.start()
            try await bus.connected()
            bus.subscribe("s:{a}")
            var left: Set = ["s:{a}", "s:{b}", "plain"]
            while !left.isEmpty {
                if case .subscribed(let channel) = await listener.journal.next() { left.remove(channel) }
            }
            let home = cluster.home(of: "b")
            #expect(Self.hearing(home, "s:{b}") == 1)
            cluster.masters[2].socket.call("PUBLISH", "s:{b}", "over the bus")
            home.socket.call("SPUBLISH", "s:{b}", "sharded")
            if pubSub == .both {
                var heard: Set<String> = []
                while heard.count < 2 {
                    if case .message(let text, on: "s:{b}") = await listener.journal.next() { heard.insert(text) }
                }
                #expect(heard == ["over the bus", "sharded"])
            } else {
                await listener.journal.next { $0 == .message("sharded", on: "s:{b}") }
                #expect(!listener.journal.all.contains(.message("over the bus", on: "s:{b}")))
            }
            home.socket.call("PUBLISH", "plain", "all")
            await listener.journal.next { $0 == .message("all", on: "plain") }
            bus.unsubscribe("s:{b}")
            while Self.hearing(home, "s:{b}") != 0 { try await bus.send(RedisCommand("PING")) }
            bus.close()
        }
    }

    @Test("hears one Redis as ever, whatever it is told of clusters", arguments: ClusterPubSub.allCases)
    func single(pubSub: ClusterPubSub) async throws {
        let port = freePort()
        let redis = try RedisServerProcess("--port", "\(port)")
        defer { redis.stop() }
        try await LoopHost.run { host in
            let (bus, listener) = bus(.tcp(host: "127.0.0.1", port: port), pubSub, isCluster: false, host)
            bus.subscribe("s:1")
            bus.start()
            await listener.journal.next { $0 == .subscribed("s:1") }
            try await bus.publish(Array("x".utf8), to: "s:1")
            await listener.journal.next { $0 == .message("x", on: "s:1") }
            #expect(bus.absentShards == [] && listener.journal.all.count { $0 == .subscribed("s:1") } == 1)
            bus.close()
        }
    }

    @Test("hears an open slot at both masters, and after that at its new one alone; other channels notice nothing")
    func moving() async throws {
        let cluster = try RedisClusterProcesses()
        let (source, target) = (cluster.home(of: "b"), cluster.spare)
        try await LoopHost.run { host in
            let (bus, listener) = bus(Self.address(source), .sharded, isCluster: true, host)
            for channel in ["s:{b}", "s:{a}"] { bus.subscribe(channel) }
            bus.start()
            for _ in 0..<2 { await listener.journal.next { if case .subscribed = $0 { true } else { false } } }
            cluster.open("b", from: source, to: target)
            // The former master's own word, at the next question.
            await listener.journal.next { $0 == .checked("s:{b}") }
            while Self.hearing(target, "s:{b}") != 1 { try await bus.send(RedisCommand("PING")) }
            #expect(Self.hearing(source, "s:{b}") == 1)
            source.socket.call("SPUBLISH", "s:{b}", "here")
            await listener.journal.next { $0 == .message("here", on: "s:{b}") }
            bus.subscribe("s:{b}late")
            await listener.journal.next { $0 == .subscribed("s:{b}late") }
            cluster.close("b", from: source, to: target)
            while Self.hearing(source, "s:{b}") != 0 || Self.hearing(target, "s:{b}") != 1 {
                try await bus.send(RedisCommand("PING"))
            }
            // What has no number may be lost while the loop goes from the one connection to the other: it reads anew after that.
            for channel in ["s:{b}", "s:{b}late"] {
                while !listener.journal.all.contains(.message("there", on: channel)) {
                    target.socket.call("SPUBLISH", channel, "there")
                    try await bus.send(RedisCommand("PING"))
                }
            }
            #expect(listener.journal.all.count { $0 == .subscribed("s:{a}") || $0 == .checked("s:{a}") } == 1)
            #expect(!listener.journal.all.contains(.lost(.some(["s:{b}"]))))
            bus.close()
        }
    }

    @Test("hears what is published while a slot is handed over once, also what has no number")
    func once() async throws {
        let cluster = try RedisClusterProcesses()
        let (source, target) = (cluster.home(of: "b"), cluster.spare)
        try await LoopHost.run { host in
            let (bus, listener) = bus(Self.address(source), .sharded, isCluster: true, host)
            // So many that their new master confirms them in several steps: meanwhile it has two connections.
            let channels = (0..<2_000).map { "s:{b}\($0)" }
            for channel in channels { bus.subscribe(channel) }
            bus.start()
            for _ in channels { await listener.journal.next { if case .subscribed = $0 { true } else { false } } }
            cluster.open("b", from: source, to: target)
            while Self.hearing(target, channels[0]) != 1 { _ = try? await bus.send(RedisCommand("PING")) }
            cluster.close("b", from: source, to: target)
            var sent = 0
            repeat {
                for _ in 0..<3 {
                    target.socket.call("SPUBLISH", channels[0], "\(sent)")
                    sent += 1
                }
                _ = try? await bus.send(RedisCommand("PING"))
            } while sent < 60 || channels.contains { Self.hearing(source, $0) != 0 || Self.hearing(target, $0) != 1 }
            target.socket.call("SPUBLISH", channels[0], "\(sent)")
            await listener.journal.next { $0 == .message("\(sent)", on: channels[0]) }
            let heard = listener.journal.all.filter { if case .message = $0 { true } else { false } }
            #expect(Set(heard.map { "\($0)" }).count == heard.count)
            bus.close()
        }
    }

    @Test(
        "loses no channel with the classic connection, while their masters are heard; what it missed is asked for then")
    func classicAway() async throws {
        let cluster = try RedisClusterProcesses()
        try await LoopHost.run { host in
            let (bus, listener) = bus(Self.address(cluster.masters[0]), .both, isCluster: true, host)
            for channel in ["s:{b}", "plain"] { bus.subscribe(channel) }
            bus.start()
            var left: Set = ["s:{b}", "plain"]
            while !left.isEmpty {
                if case .subscribed(let channel) = await listener.journal.next() { left.remove(channel) }
            }
            for server in cluster.masters + [cluster.spare] {
                for line in (server.socket.call("CLIENT", "LIST", "TYPE", "pubsub").string ?? "").split(separator: "\n")
                where line.contains(" ssub=0 ") {
                    server.socket.call("CLIENT", "KILL", "ID", String(line.prefix { $0 != " " }.dropFirst(3)))
                }
            }
            await listener.journal.next { $0 == .lost(.some(["plain"])) }
            cluster.home(of: "b").socket.call("SPUBLISH", "s:{b}", "heard")
            await listener.journal.next { $0 == .message("heard", on: "s:{b}") }
            await listener.journal.next { $0 == .checked("s:{b}") }
            #expect(listener.journal.all.count { $0 == .subscribed("s:{b}") } == 1)
            bus.close()
        }
    }

    @Test("says which channels it lost with a master, and names it until it is back")
    func away() async throws {
        let cluster = try RedisClusterProcesses()
        let home = cluster.home(of: "b")
        try await LoopHost.run { host in
            let (bus, listener) = bus(Self.address(cluster.home(of: "a")), .sharded, isCluster: true, host)
            let events = Journal<BusEvent>()
            let shard = RedisRole.part(.shard(Self.address(home)))
            var isAskedWhileUnheard = false
            bus.onEvent = { [unowned bus] in
                events.add(BusEvent(event: $0, role: $1))
                if $1 == shard, case .lost = $0 {
                    isAskedWhileUnheard = bus.absentShards == [] && bus.unheardShards != []
                }
            }
            for channel in ["s:{b}", "s:{a}"] { bus.subscribe(channel) }
            bus.start()
            for _ in 0..<2 { await listener.journal.next { if case .subscribed = $0 { true } else { false } } }
            home.socket.call("CLIENT", "KILL", "TYPE", "pubsub")
            await listener.journal.next { $0 == .lost(.some(["s:{b}"])) }
            await listener.journal.next { $0 == .subscribed("s:{b}") }
            #expect(isAskedWhileUnheard)
            home.process.stop()
            await listener.journal.next { $0 == .lost(.some(["s:{b}"])) }
            await events.next { $0.role == shard && $0.event.failure != nil }
            #expect(bus.unheardShards.map(\.name) == ["\(Self.address(home))"] && bus.isListening)
            try home.process.start()
            await listener.journal.next { $0 == .subscribed("s:{b}") }
            #expect(!listener.journal.all.contains(.lost(.some(["s:{a}"]))))
            bus.close()
        }
    }
}
