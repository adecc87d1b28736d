import EventLoop
import Testing

@testable import RESP
@testable import Redis

@Suite("A subscriber to a server with faults", .timeLimit(.minutes(1)))
struct RedisSubscriberFaultTests {
    /// Confirms what is asked for, like Redis.
    private static func confirm(_ words: [String]) -> FakeRedis.Reaction {
        guard words[0] == "SUBSCRIBE" || words[0] == "UNSUBSCRIBE" else { return FakeRedis.handshake(words) ?? .cut }
        return .say(words.dropFirst().map { push(words[0].lowercased(), $0, ":1") }.joined())
    }

    private static func push(_ kind: String, _ channel: String, _ last: String) -> String {
        "*3\r\n$\(kind.utf8.count)\r\n\(kind)\r\n$\(channel.utf8.count)\r\n\(channel)\r\n\(last)\r\n"
    }

    private static func message(_ text: String, on channel: String) -> String {
        push("message", channel, "$\(text.utf8.count)\r\n\(text)")
    }

    @Test("subscribes all of a turn in one command, hears, and is told after every feed")
    func hears() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in Self.confirm(words) }
            let (subscriber, handler, events) = host.subscriber(server.endpoint)
            subscriber.subscribe("a")
            subscriber.start()
            subscriber.subscribe("b")
            await handler.journal.next()
            await handler.journal.next()
            #expect(
                handler.journal.all == [.subscribed("a"), .subscribed("b")]
                    || handler.journal.all == [.subscribed("b"), .subscribed("a")])
            #expect(server.connections[0].commands.count { $0[0] == "SUBSCRIBE" } == 1)
            #expect(subscriber.isReady && subscriber.channelCount == 2 && subscriber.unsettledCount == 0)
            let feeds = handler.feeds
            let text = String(repeating: "x", count: 1_000)
            server.connections[0].say((0..<100).map { Self.message("\($0)\(text)", on: "a") }.joined())
            for number in 0..<100 { #expect(await handler.journal.next() == .message("\(number)\(text)", on: "a")) }
            server.connections[0].say(Self.message("end", on: "b"))
            await handler.journal.next()
            #expect(handler.feeds - feeds >= 100_000 / ReplyLimits.maxFeedBytes)
            #expect(events.all.count == 1)
            subscriber.close()
            server.close()
        }
    }

    @Test("notices a server that goes silent, and subscribes everything anew")
    func silence() async throws {
        try await LoopHost.run { host in
            // The handshake's own PING must be answered: the first connection falls silent after it.
            var pings = 0
            let server = try FakeRedis(loop: host.loop) { connection, words in
                if connection == 0, words == ["PING"] {
                    pings += 1
                    if pings > 1 { return .silence }
                }
                return Self.confirm(words)
            }
            let (subscriber, handler, events) = host.subscriber(server.endpoint)
            subscriber.subscribe("a")
            subscriber.start()
            let loss = await events.next { $0.failure != nil }
            #expect(loss == .lost(.silent(milliseconds: 100)))
            for expected in [ListeningHandler.Heard.subscribed("a"), .disconnected, .subscribed("a")] {
                #expect(await handler.journal.next() == expected)
            }
            subscriber.close()
            server.close()
        }
    }

    @Test("takes a late PONG for what it is while messages keep coming")
    func backlog() async throws {
        try await LoopHost.run { host in
            var pings = 0
            let pinged = Journal<Int>()
            let server = try FakeRedis(loop: host.loop) { _, words in
                guard words == ["PING"] else { return Self.confirm(words) }
                pings += 1
                pinged.add(pings)
                return pings == 2 ? .silence : .say("+PONG\r\n")
            }
            let (subscriber, handler, events) = host.subscriber(server.endpoint)
            subscriber.subscribe("a")
            subscriber.start()
            await pinged.next { $0 == 2 }
            // Four times the patience for a PONG, never silent for longer than a quarter of it.
            for number in 0..<16 {
                await withCheckedContinuation { done in host.loop.schedule(after: 25) { done.resume() } }
                server.connections[0].say(Self.message("\(number)", on: "a"))
            }
            server.connections[0].say("*2\r\n$4\r\npong\r\n$0\r\n\r\n")
            await pinged.next { $0 == 4 }
            #expect(events.all.map(\.isConnected) == [true], "\(events.all)")
            #expect(handler.journal.all.count == 17)
            subscriber.close()
            server.close()
        }
    }

    @Test("is told which one of several channels is refused; the others work; the refused one is asked again")
    func refusedOne() async throws {
        try await LoopHost.run { host in
            var isAllowed = false
            let server = try FakeRedis(loop: host.loop) { _, words in
                words.contains("secret") && !isAllowed ? .say("-NOPERM no channel\r\n") : Self.confirm(words)
            }
            let (subscriber, handler, _) = host.subscriber(server.endpoint)
            for channel in ["a", "secret", "b"] { subscriber.subscribe(channel) }
            subscriber.start()
            await handler.journal.next { $0 == .refused("secret", code: "NOPERM") }
            await handler.journal.next { $0 == .refused("secret", code: "NOPERM") }
            #expect(handler.journal.all.contains(.subscribed("a")) && handler.journal.all.contains(.subscribed("b")))
            isAllowed = true
            await handler.journal.next { $0 == .subscribed("secret") }
            #expect(server.connections.count == 1)
            subscriber.close()
            server.close()
        }
    }

    @Test(
        "ends a connection that talks nonsense, and connects again",
        arguments: [
            "$5\r\nhello\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\nz\r\n:1\r\n", "*2147483647\r\n", ">3\r\n",
            "*2\r\n$4\r\npong\r\n$0\r\n\r\n", "-ERR what\r\n",
        ])
    func nonsense(text: String) async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in Self.confirm(words) }
            var timing = RedisTiming.quick
            timing.subscriberPingMilliseconds = 100_000
            let (subscriber, handler, events) = host.subscriber(server.endpoint, timing: timing)
            subscriber.subscribe("a")
            subscriber.start()
            await handler.journal.next { $0 == .subscribed("a") }
            server.connections[0].say(text)
            let event = await events.next { $0.failure != nil }
            if case .lost(.nonsense) = event {} else { Issue.record("\(event)") }
            await handler.journal.next { $0 == .disconnected }
            await handler.journal.next { $0 == .subscribed("a") }
            subscriber.close()
            server.close()
        }
    }

    @Test("can be closed inside its handler, with more messages behind")
    func closeInside() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in Self.confirm(words) }
            let (subscriber, handler, events) = host.subscriber(server.endpoint)
            subscriber.subscribe("a")
            subscriber.start()
            await handler.journal.next { $0 == .subscribed("a") }
            handler.onMessage = { $0.close() }
            server.connections[0].say(Self.message("1", on: "a") + Self.message("2", on: "a"))
            await handler.journal.next { $0 == .message("1", on: "a") }
            await Task.yield()
            #expect(handler.journal.all.last == .message("1", on: "a") && events.all.count == 1)
            server.close()
        }
    }

    @Test("is given up by its owner and comes back")
    func reconnect() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in Self.confirm(words) }
            let (subscriber, handler, _) = host.subscriber(server.endpoint)
            subscriber.subscribe("a")
            subscriber.start()
            await handler.journal.next { $0 == .subscribed("a") }
            subscriber.reconnect()
            #expect(!subscriber.isReady)
            subscriber.reconnect()
            await handler.journal.next { $0 == .disconnected }
            await handler.journal.next { $0 == .subscribed("a") }
            #expect(server.connections.count == 2)
            subscriber.close()
            server.close()
        }
    }

    @Test("waits, and subscribes anew, when SUBSCRIBE is answered LOADING")
    func loading() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { connection, words in
                words[0] == "SUBSCRIBE" && connection < 2 ? .say("-LOADING wait\r\n") : Self.confirm(words)
            }
            let (subscriber, handler, _) = host.subscriber(server.endpoint)
            subscriber.subscribe("a")
            subscriber.start()
            await handler.journal.next { $0 == .subscribed("a") }
            #expect(server.connections.count == 3)
            subscriber.close()
            server.close()
        }
    }
}
