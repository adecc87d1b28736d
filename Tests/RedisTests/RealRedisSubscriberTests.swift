import RedisFixture
import EventLoop
import Testing

@testable import RESP
@testable import Redis

@Suite("A subscriber to a real Redis", .timeLimit(.minutes(2)))
struct RealRedisSubscriberTests {
    @Test("hears every byte of what is published, in order")
    func hears() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (subscriber, handler, _) = host.subscriber(RedisEndpoint(redis))
            let (connection, _) = host.connection(RedisEndpoint(redis))
            subscriber.subscribe("task:1")
            subscriber.start()
            connection.start()
            try await connection.connected()
            await handler.journal.next { $0 == .subscribed("task:1") }
            for number in 0..<1_000 {
                connection.send(RedisCommand("PUBLISH", "task:1", .string("\(number)\r\n\0"))) { _ in }
            }
            for number in 0..<1_000 {
                #expect(await handler.journal.next() == .message("\(number)\r\n\0", on: "task:1"))
            }
            connection.close()
            subscriber.close()
        }
    }

    @Test("is killed by CLIENT KILL again and again, and hears on every time")
    func kill() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (subscriber, handler, _) = host.subscriber(RedisEndpoint(redis))
            let (connection, _) = host.connection(RedisEndpoint(redis))
            subscriber.subscribe("a")
            subscriber.start()
            connection.start()
            try await connection.connected()
            await handler.journal.next { $0 == .subscribed("a") }
            for round in 0..<20 {
                #expect(try await connection.send(RedisCommand("CLIENT", "KILL", "TYPE", "pubsub")).integer == 1)
                for expected in [ListeningHandler.Heard.disconnected, .subscribed("a")] {
                    #expect(await handler.journal.next() == expected)
                }
                #expect(try await connection.send(RedisCommand("PUBLISH", "a", .integer(Int64(round)))).integer == 1)
                #expect(await handler.journal.next() == .message("\(round)", on: "a"))
            }
            connection.close()
            subscriber.close()
        }
    }

    @Test("has 20,000 channels again after a restart of Redis")
    func restart() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let channels = (0..<20_000).map { "task:\($0)" }
            let (subscriber, handler, events) = host.subscriber(RedisEndpoint(redis), timing: RedisTiming())
            for channel in channels { subscriber.subscribe(channel) }
            subscriber.start()
            for _ in channels { await handler.journal.next() }
            redis.stop()
            await handler.journal.next { $0 == .disconnected }
            #expect(subscriber.channelCount == channels.count && subscriber.unsettledCount == channels.count)
            try redis.start()
            let begun = ContinuousClock.now
            for _ in channels { await handler.journal.next { if case .subscribed = $0 { true } else { false } } }
            print("20,000 channels resubscribed \(ContinuousClock.now - begun) after the restart")
            #expect(subscriber.unsettledCount == 0 && events.all.count { $0.isConnected } == 2)
            let (connection, _) = host.connection(RedisEndpoint(redis))
            connection.start()
            try await connection.connected()
            #expect(try await connection.send(RedisCommand("PUBSUB", "CHANNELS")).array?.count == channels.count)
            connection.close()
            subscriber.close()
        }
    }

    @Test("agrees with Redis after subscriptions and unsubscriptions at a high rate, connection losses included")
    func races() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            var random = SeededRandom()
            let (subscriber, handler, _) = host.subscriber(RedisEndpoint(redis), timing: RedisTiming())
            let (connection, _) = host.connection(RedisEndpoint(redis), timing: RedisTiming())
            subscriber.start()
            connection.start()
            try await connection.connected()
            let channels = (0..<500).map { "task:\($0)" }
            var wanted: Set<String> = []
            for round in 0..<400 {
                for _ in 0..<250 {
                    let channel = channels.randomElement(using: &random)!
                    if Bool.random(using: &random) {
                        subscriber.subscribe(channel)
                        wanted.insert(channel)
                    } else {
                        subscriber.unsubscribe(channel)
                        wanted.remove(channel)
                    }
                }
                if round % 100 == 50 { try await connection.send(RedisCommand("CLIENT", "KILL", "TYPE", "pubsub")) }
                try await connection.send(RedisCommand("PING"))
            }
            while subscriber.unsettledCount > 0 || !subscriber.isReady {
                try await connection.send(RedisCommand("PING"))
            }
            let counts = try await connection.send(RedisCommand(["PUBSUB", "NUMSUB"] + channels.map { .string($0) }))
                .array!
            var subscribed: Set<String> = []
            for index in stride(from: 0, to: counts.count, by: 2) where counts[index + 1].integer! > 0 {
                subscribed.insert(counts[index].string!)
            }
            #expect(subscribed == wanted, "seed \(random.seed)")
            #expect(subscriber.channelCount == wanted.count)
            #expect(handler.journal.all.contains(.disconnected))
            connection.close()
            subscriber.close()
        }
    }

    @Test("is refused one channel by the ACL, and gets it once the ACL allows it")
    func acl() async throws {
        let redis = try RedisServerProcess("--user", "node", "on", ">n", "resetchannels", "&task:*", "~*", "+@all")
        try await LoopHost.run { host in
            var endpoint = RedisEndpoint(redis)
            (endpoint.user, endpoint.password) = ("node", "n")
            let (subscriber, handler, events) = host.subscriber(endpoint)
            for channel in ["task:1", "secret", "task:2"] { subscriber.subscribe(channel) }
            subscriber.start()
            await handler.journal.next { $0 == .refused("secret", code: "NOPERM") }
            let (connection, _) = host.connection(RedisEndpoint(redis))
            connection.start()
            try await connection.connected()
            try await connection.send(RedisCommand("ACL", "SETUSER", "node", "&secret"))
            await handler.journal.next { $0 == .subscribed("secret") }
            #expect(try await connection.send(RedisCommand("PUBSUB", "CHANNELS")).array?.count == 3)
            #expect(events.all.count == 1)
            connection.close()
            subscriber.close()
        }
    }

    @Test("works as the user with the least rights that a node needs")
    func leastRights() async throws {
        let redis = try RedisServerProcess(
            "--user", "node", "on", ">n", "resetkeys", "resetchannels", "-@all", "&task:*", "+auth", "+ping", "+info",
            "+subscribe", "+unsubscribe")
        try await LoopHost.run { host in
            var endpoint = RedisEndpoint(redis)
            (endpoint.user, endpoint.password) = ("node", "n")
            let (subscriber, handler, events) = host.subscriber(endpoint)
            subscriber.subscribe("task:1")
            subscriber.start()
            await handler.journal.next { $0 == .subscribed("task:1") }
            #expect(events.all.count == 1)
            subscriber.close()
        }
    }

    @Test("notices a Redis that stands still")
    func freeze() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (subscriber, handler, events) = host.subscriber(RedisEndpoint(redis))
            subscriber.subscribe("a")
            subscriber.start()
            await handler.journal.next { $0 == .subscribed("a") }
            redis.freeze()
            let loss = await events.next { $0.failure != nil }
            #expect(loss == .lost(.silent(milliseconds: 100)))
            redis.thaw()
            await handler.journal.next { $0 == .subscribed("a") }
            subscriber.close()
        }
    }
}
