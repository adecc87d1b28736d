import Cluster
import EventLoop
import RedisFixture
import Testing

@testable import RESP
@testable import Redis
@testable import Topology

/// Commands to a real cluster of three masters and one without slots.
@Suite("Commands to a cluster", .serialized, .timeLimit(.minutes(2)))
struct ClusterCommandsTests {
    private static let writer = RedisScript(name: "writer", text: "#!lua\nreturn ARGV[1]", runIDArgument: 0)
    private static let add = RedisScript(
        name: "add", text: "#!lua\nredis.call('RPUSH', KEYS[1], ARGV[1]) return redis.call('LLEN', KEYS[1])")

    /// Keys of the first, the second and the third master.
    private static let keys = ["b", "c", "a"]

    private func connector(_ servers: RedisClusterProcesses.Server...) -> RedisConnector {
        RedisConnector(.cluster(RedisSeeds(servers.map { .tcp(host: "127.0.0.1", port: $0.port) })), timing: .quick)
    }

    private func commands(_ connector: RedisConnector, _ host: isolated LoopHost) -> any CommandBus {
        connector.commands(loop: host.loop, name: "test", scripts: [Self.writer, Self.add])
    }

    @Test("go to the master that keeps their key, whichever server is asked first, said to be a cluster or not")
    func homes() async throws {
        let cluster = try RedisClusterProcesses()
        #expect(Self.keys.map { cluster.home(of: $0).port } == cluster.masters.map(\.port))
        let endpoint = RedisEndpoint(address: .tcp(host: "127.0.0.1", port: cluster.spare.port))
        for connector in [connector(cluster.masters[2]), RedisConnector(endpoint, timing: .quick)] {
            try await LoopHost.run { host in
                let redis = commands(connector, host)
                let events = Journal<BusEvent>()
                redis.onEvent = { events.add(BusEvent(event: $0, role: $1)) }
                let replies = Journal<UInt64>()
                redis.onReply = { replies.add($0) }
                redis.start()
                try await redis.connected()
                await events.next { $0.role == .commands && $0.event.isConnected }
                let repliesBefore = replies.all.count
                #expect(redis.isReady && redis.masters.count == 3 && redis.absentShards == [])
                for (key, server) in zip(Self.keys, cluster.masters) {
                    let length = try await redis.run(Self.add, keys: [key], arguments: [[1]])
                    #expect(length.integer == server.socket.call("LLEN", key).int.map(Int64.init))
                    let found = try await redis.send(RedisCommand("EXISTS", .key(key)))
                    #expect(found == .integer(1) && replies.all.count > repliesBefore)
                    #expect(
                        redis.runID(for: key).map { server.socket.call("INFO", "server").string!.contains($0) } == true)
                }
                let others = Set(redis.masters.compactMap { $0.runID(for: "") })
                let told = try await redis.run(Self.writer, keys: ["a"], arguments: [[]]).string?.split(separator: " ")
                #expect(
                    told?.first.map(String.init) == redis.runID(for: "a")
                        && told.map { Set($0.map(String.init)) } == others)
                redis.close()
                #expect(redis.whyNotReady == .closed)
            }
        }
    }

    @Test("follow a slot that is being moved, in their order, and stay in order when it has moved")
    func moving() async throws {
        let cluster = try RedisClusterProcesses()
        let (source, target) = (cluster.masters[0], cluster.spare)
        try await LoopHost.run { host in
            let redis = commands(connector(source), host)
            redis.start()
            try await redis.connected()
            let answers = Journal<Int64>()
            func add(_ count: Int) {
                for _ in 0..<count {
                    redis.run(Self.add, keys: ["b"], arguments: [[1]]) { answers.add((try? $0.get().integer) ?? -1) }
                }
            }
            add(5)
            await answers.next { $0 == 5 }
            cluster.open("b", from: source, to: target)
            add(5)
            await answers.next { $0 == 10 }
            cluster.migrate("b", from: source, to: target)
            add(20)
            await answers.next { $0 == 30 }
            // The scripts are not known there, and ASKING counts for one command.
            target.socket.call("SCRIPT", "FLUSH")
            add(5)
            await answers.next { $0 == 35 }
            cluster.close("b", from: source, to: target)
            add(20)
            await answers.next { $0 == 55 }
            #expect(answers.all == Array(1...55) && target.socket.call("LLEN", "b").int == 55)
            redis.close()
        }
    }

    @Test("wait while a slot is open with their keys on both sides of it, and hold nobody else up")
    func halfMoved() async throws {
        let cluster = try RedisClusterProcesses()
        let (source, target) = (cluster.masters[0], cluster.spare)
        let both = RedisScript(name: "both", text: "#!lua\nreturn redis.call('EXISTS', KEYS[1], KEYS[2])")
        try await LoopHost.run { host in
            let redis = connector(source).commands(loop: host.loop, name: "test", scripts: [both])
            redis.start()
            try await redis.connected()
            for key in ["{b}1", "{b}2"] { try await redis.send(RedisCommand("SET", .key(key), "x")) }
            cluster.open("b", from: source, to: target)
            cluster.migrate("{b}1", from: source, to: target)
            let answers = Journal<String>()
            redis.run(both, keys: ["{b}1", "{b}2"]) { answers.add("both \(String(describing: try? $0.get().integer))") }
            redis.send(RedisCommand("EXISTS", .key("c"))) { _ in answers.add("another slot") }
            #expect(await answers.next() == "another slot")
            cluster.migrate("{b}2", from: source, to: target)
            #expect(await answers.next() == "both Optional(2)")
            redis.close()
        }
    }

    @Test("fail for the slots of a master that is away, and for no others, until it is back")
    func away() async throws {
        let cluster = try RedisClusterProcesses()
        try await LoopHost.run { host in
            let redis = commands(connector(cluster.masters[1]), host)
            let events = Journal<BusEvent>()
            redis.onEvent = { events.add(BusEvent(event: $0, role: $1)) }
            redis.start()
            try await redis.connected()
            let lost = RedisEndpoint.Address.tcp(host: "127.0.0.1", port: cluster.masters[0].port)
            let runID = try #require(redis.runID(for: "b"))
            cluster.masters[0].process.stop()
            await events.next { $0.address == lost && $0.event.failure != nil }
            #expect(redis.absentShards.map(\.name) == ["\(lost)"] && redis.isReady && redis.masters.count == 2)
            for master in redis.masters { #expect(master.runIDs.count >= 3 && master.runIDs.contains(runID)) }
            let error = await redis.error(of: RedisCommand("SET", .key("b"), "1"))
            #expect(error == .notReady)
            for key in ["a", "c"] { #expect(await redis.error(of: RedisCommand("SET", .key(key), "1")) == nil) }
            // What it has handed over is whole where it is now, though it is away itself.
            var told = try await redis.run(Self.writer, keys: ["a"], arguments: [[]]).string?.split(separator: " ")
            #expect(told?.count == 3 && told?.contains(runID[...]) == true)
            try cluster.masters[0].process.start()
            await events.next { $0.address == lost && $0.event.isConnected }
            #expect(redis.absentShards == [])
            told = try await redis.run(Self.writer, keys: ["a"], arguments: [[]]).string?.split(separator: " ")
            #expect(told?.count == 3 && told?.contains(runID[...]) == false, "it has lost its data")
            redis.close()
        }
    }

    @Test("find the cluster though the first seed is dead and the second is none of a cluster, which is said")
    func seeds() async throws {
        let cluster = try RedisClusterProcesses()
        let port = freePort()
        let single = try RedisServerProcess("--port", "\(port)")
        defer { single.stop() }
        try await LoopHost.run { host in
            let addresses = [freePort(), port, cluster.masters[0].port].map {
                RedisEndpoint.Address.tcp(host: "127.0.0.1", port: $0)
            }
            let redis = RedisConnector(.cluster(RedisSeeds(addresses)), timing: .quick)
                .commands(loop: host.loop, name: "test")
            let events = Journal<BusEvent>()
            redis.onEvent = { events.add(BusEvent(event: $0, role: $1)) }
            redis.start()
            try await redis.connected()
            let noCluster = RedisReplyError(code: "ERR", message: "This instance has cluster support disabled")
            #expect(events.all.contains { $0.address == addresses[1] && $0.event == .refused(.refused(noCluster)) })
            redis.close()
        }
    }

    @Test("say why where no seed is one of a cluster")
    func noCluster() async throws {
        let port = freePort()
        let single = try RedisServerProcess("--port", "\(port)")
        defer { single.stop() }
        try await LoopHost.run { host in
            let addresses = [port, port].map { RedisEndpoint.Address.tcp(host: "127.0.0.1", port: $0) }
            let redis = RedisConnector(.cluster(RedisSeeds(addresses)), timing: .quick)
                .commands(loop: host.loop, name: "test")
            redis.start()
            let failure = await redis.errorOfConnecting()
            #expect(failure?.needsOperator == true && !redis.isReady && redis.whyNotReady == .notReady)
            redis.close()
        }
    }

    @Test("hear what is published at any master, and go on hearing when theirs is gone")
    func hearing() async throws {
        let cluster = try RedisClusterProcesses()
        try await LoopHost.run { host in
            let bus = connector(cluster.masters[0]).bus(loop: host.loop, name: "test", scripts: [])
            let listener = BusListener()
            (bus.handler, bus.messages) = (listener, listener)
            bus.subscribe("c")
            bus.start()
            try await bus.connected()
            await listener.journal.next { $0 == .subscribed("c") }
            for (number, server) in cluster.masters.enumerated() {
                server.socket.call("PUBLISH", "c", "\(number)")
                await listener.journal.next { $0 == .message("\(number)", on: "c") }
            }
            let home = try #require(cluster.masters.first { $0.socket.call("PUBSUB", "NUMSUB", "c").list[1].int == 1 })
            home.process.stop()
            await listener.journal.next { $0 == .lost(.all) }
            await listener.journal.next { $0 == .subscribed("c") }
            let other = try #require(cluster.masters.first { $0.port != home.port })
            other.socket.call("PUBLISH", "c", "again")
            await listener.journal.next { $0 == .message("again", on: "c") }
            bus.close()
        }
    }

    @Test("fail as closed where their redirection is handed out only when the connections close")
    func closing() async throws {
        try await LoopHost.run { host in
            let asked = Journal<String>()
            let answers = Journal<RedisError?>()
            let fake = try FakeCluster(host) { words in
                asked.add(words[0])
                switch words[0] {
                case "EVALSHA": return .say("-NOSCRIPT none\r\n")
                case "GET": return .say("-MOVED 1 127.0.0.1:1\r\n")
                default: return .silence
                }
            }
            let redis = commands(fake.connector, host)
            redis.start()
            try await redis.connected()
            // The first is called again, so that the answer to the second waits for the first.
            redis.run(Self.add, keys: ["b"], arguments: [[1]]) { answers.add($0.failure) }
            redis.send(RedisCommand("GET", .key("b"))) { answers.add($0.failure) }
            await asked.next { $0 == "EVAL" }
            redis.close()
            #expect(answers.all == [.closed, .closed])
            fake.redis.close()
        }
    }

    @Test("are bounded in bytes while they wait for a slot, and only they")
    func waitingBytes() async throws {
        try await LoopHost.run { host in
            let fake = try FakeCluster(host) { words in
                words[0] == "SET" && words[1] == "b" ? .say("-TRYAGAIN open\r\n") : .say("+OK\r\n")
            }
            let redis = commands(fake.connector, host)
            redis.start()
            try await redis.connected()
            redis.send(RedisCommand("SET", .key("b"), "first")) { _ in }
            // Its answer comes after that of the first.
            try await redis.send(RedisCommand("SET", .key("c"), "another slot"))
            let part = [UInt8](repeating: 0, count: RedisLimits.maxWaitingBytes / 4)
            var refusals: [RedisError?] = []
            for _ in 0..<4 { redis.send(RedisCommand("SET", .key("b"), .bytes(part))) { refusals.append($0.failure) } }
            #expect(refusals == [.overloaded], "the fourth")
            #expect(await redis.error(of: RedisCommand("SET", .key("c"), .bytes(part))) == nil)
            redis.close()
            #expect(refusals.count == 4 && redis.pendingCount == 0)
            fake.redis.close()
        }
    }

    @Test("of the only master wait for its successor when it is demoted, and nobody says that Redis refuses writes")
    func onlyMaster() async throws {
        let cluster = try RedisClusterProcesses(masters: 1)
        let (old, new) = (cluster.masters[0], cluster.spare)
        new.socket.call("CLUSTER", "REPLICATE", old.id)
        while !new.socket.call("INFO", "replication").string!.contains("master_link_status:up") {}
        try await LoopHost.run { host in
            let redis = commands(connector(old), host)
            let events = Journal<BusEvent>()
            redis.onEvent = { events.add(BusEvent(event: $0, role: $1)) }
            redis.start()
            try await redis.connected()
            let master = redis.masters[0]
            new.socket.call("CLUSTER", "FAILOVER")
            while !old.socket.call("INFO", "replication").string!.contains("role:slave") {}
            let error = await master.error(of: RedisCommand("EVAL", "#!lua\nreturn 1", "0"))
            #expect(error?.reply?.isReadOnly == true)
            #expect(await redis.error(of: RedisCommand("SET", .key("b"), "1")) == nil)
            #expect(new.socket.call("GET", "b").string == "1")
            #expect(events.all.filter { $0.role == .commands }.compactMap(\.event.failure) == [])
            redis.close()
        }
    }

    @Test("reach a master without slots as soon as it is known, and go on as one of the masters when it has some")
    func newcomer() async throws {
        let cluster = try RedisClusterProcesses()
        let (source, target) = (cluster.masters[0], cluster.spare)
        try await LoopHost.run { host in
            let redis = commands(connector(source), host)
            let events = Journal<BusEvent>()
            redis.onEvent = { events.add(BusEvent(event: $0, role: $1)) }
            redis.start()
            try await redis.connected()
            let address = RedisEndpoint.Address.tcp(host: "127.0.0.1", port: target.port)
            await events.next { $0.address == address && $0.event.isConnected }
            let newcomer = try #require(redis.newcomers.first)
            let all = Set((redis.masters + redis.newcomers).flatMap { $0.runIDs.prefix(1) })
            #expect(redis.newcomers.count == 1 && redis.masters.count == 3 && all.count == 4)
            for master in redis.masters + [newcomer] { #expect(Set(master.runIDs) == all) }
            cluster.open("b", from: source, to: target)
            cluster.close("b", from: source, to: target)
            #expect(await redis.error(of: RedisCommand("SET", .key("b"), "1")) == nil)
            #expect(events.all.count { $0.address == address && $0.event.isConnected } == 1)
            redis.close()
        }
    }

    @Test("are bounded while they wait for the first connection to their master")
    func connecting() async throws {
        try await LoopHost.run { host in
            let dialed = Journal<String>()
            let silent = try FakeRedis(loop: host.loop) { _, words in
                dialed.add(words[0])
                return .silence
            }
            let fake = try FakeCluster(host, master: silent.endpoint.address) { _ in .silence }
            let redis = commands(fake.connector, host)
            redis.start()
            await dialed.next()
            var (overloaded, answered) = (0, 0)
            for _ in 0...RedisLimits.maxPendingCommands {
                redis.send(RedisCommand("GET", .key("b"))) {
                    answered += 1
                    if $0.failure == .overloaded { overloaded += 1 }
                }
            }
            #expect(overloaded == 1 && answered == 1 && redis.pendingCount == RedisLimits.maxPendingCommands)
            redis.close()
            #expect(overloaded == 1 && answered == RedisLimits.maxPendingCommands + 1 && redis.pendingCount == 0)
            fake.redis.close()
            silent.close()
        }
    }
}

extension Result {
    fileprivate var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}

/// A server that says that one master, itself or another, has all slots.
private struct FakeCluster {
    let redis: FakeRedis
    var connector: RedisConnector { RedisConnector(.cluster(RedisSeeds([redis.endpoint.address])), timing: .quick) }

    init(
        _ host: isolated LoopHost, master: RedisEndpoint.Address? = nil,
        _ react: @escaping ([String]) -> FakeRedis.Reaction
    ) throws {
        var port = 0
        redis = try FakeRedis(loop: host.loop) { _, words in
            if words[0] == "CLUSTER" {
                return .say("*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:\(port)\r\n")
            }
            return FakeRedis.handshake(words) ?? react(words)
        }
        if case .tcp(_, let own) = master ?? redis.endpoint.address { port = Int(own) }
    }
}
