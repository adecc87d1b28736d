import EventLoop
import Testing

@testable import RESP
@testable import Redis

@Suite("A command connection to a server with faults", .timeLimit(.minutes(1)))
struct RedisConnectionFaultTests {
    private static let script = RedisScript(name: "s", text: "#!lua\nreturn 1")

    @Test("reports a refused connection, goes on trying, and is there when the server comes")
    func refusedConnection() async throws {
        try await LoopHost.run { host in
            let gone = try FakeRedis(loop: host.loop) { _, _ in .cut }
            gone.close()
            let (connection, events) = host.connection(gone.endpoint)
            connection.start()
            #expect(await connection.errorOfConnecting() != nil)
            for _ in 0..<5 {
                let event = await events.next { $0.failure != nil }
                guard case .failed(.unreachable(let code, _)) = event else {
                    Issue.record("\(event)")
                    return
                }
                #expect(code == "ECONNREFUSED")
                guard case .retrying(let wait) = await events.next() else {
                    Issue.record("no retry")
                    return
                }
                #expect(wait >= 2 && wait <= 50)
            }
            connection.close()
        }
    }

    @Test("does not wait for ever for a server that says nothing")
    func silentHandshake() async throws {
        try await failure(expected: { $0 == .silent(milliseconds: 200) }) { _, _ in .silence }
    }

    @Test("is not taken in by something else that listens there")
    func nonsense() async throws {
        try await failure(expected: { if case .nonsense = $0 { true } else { false } }) { _, _ in
            .say("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
    }

    @Test("survives a server that hangs up at once")
    func hangUp() async throws {
        try await failure(expected: { if case .ended = $0 { true } else { false } }) { _, _ in .cut }
    }

    @Test("says that a Redis is too old, and that only an operator can help")
    func tooOld() async throws {
        try await failure(expected: { $0 == .tooOld(version: "6.2.0") }) { _, words in
            FakeRedis.handshake(words, version: "6.2.0") ?? .cut
        }
    }

    @Test("says that the login is refused, and that only an operator can help")
    func wrongPassword() async throws {
        let error = RedisReplyError(code: "WRONGPASS", message: "no")
        try await failure(password: "p", expected: { $0 == .refused(error) }) { _, words in
            words[0] == "AUTH" ? .say("-WRONGPASS no\r\n") : .say("-NOAUTH no\r\n")
        }
    }

    private func failure(
        password: String? = nil, expected: @Sendable @escaping (RedisFailure) -> Bool,
        _ script: @Sendable @escaping (Int, [String]) -> FakeRedis.Reaction
    ) async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop, script)
            var endpoint = server.endpoint
            endpoint.password = password
            let (connection, events) = host.connection(endpoint)
            connection.start()
            // Twice: the retry must not be the last.
            for _ in 0..<2 {
                let event = await events.next { $0.failure != nil }
                #expect(event.failure.map(expected) == true, "\(event)")
                if event.failure!.needsOperator { #expect(event == .refused(event.failure!)) }
            }
            #expect(!connection.isReady && server.connections.count >= 2)
            connection.close()
            server.close()
        }
    }

    @Test("waits until Redis has loaded its dump", arguments: ["LOADING", "MASTERDOWN", "BUSY"])
    func loading(code: String) async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { connection, words in
                if connection < 3, words[0] == "PING" { return .say("-\(code) wait\r\n") }
                return FakeRedis.handshake(words) ?? .cut
            }
            let (connection, events) = host.connection(server.endpoint)
            connection.start()
            await events.next { $0.isConnected }
            #expect(
                events.all.compactMap(\.failure).map { "\($0)" }
                    == Array(repeating: "Redis is not ready: \(code) wait", count: 3))
            for case .retrying(let wait) in events.all { #expect(wait <= 5) }
            connection.close()
            server.close()
        }
    }

    @Test("leaves a master that has become a replica, says why, and is there when a master answers")
    func demoted() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { connection, words in
                if words[0] == "INFO", connection == 1 || connection == 2 {
                    let text = "redis_version:7.0.15\r\nrun_id:fake\r\nrole:slave\r\n"
                    return .say("$\(text.utf8.count)\r\n\(text)\r\n")
                }
                return FakeRedis.handshake(words) ?? .say(connection == 0 ? "-READONLY no\r\n" : "+OK\r\n")
            }
            let (connection, events) = host.connection(server.endpoint)
            connection.start()
            await events.next { $0.isConnected }
            let error = RedisReplyError(code: "READONLY", message: "no")
            // The second was under way: what became of it is not known.
            var second: RedisError?
            connection.send(RedisCommand("SET", "a", "1")) { _ in }
            connection.send(RedisCommand("SET", "b", "1")) { if case .failure(let error) = $0 { second = error } }
            let lost = await events.next { $0.failure != nil }
            #expect(lost == .lost(.unavailable(error)))
            #expect(events.all.contains(.declined(error)) && second == .lost(.unavailable(error)))
            #expect(!connection.isReady && connection.whyNotReady == .turnedAway(error))
            #expect(await connection.error(of: RedisCommand("SET", "a", "1")) == RedisError.turnedAway(error))
            for _ in 0..<2 {
                let failed = await events.next { $0.failure != nil }
                #expect(failed == .failed(.unavailable(.replica)))
                #expect(connection.whyNotReady == .turnedAway(.replica))
            }
            await events.next { $0.isConnected }
            #expect(await connection.error(of: RedisCommand("SET", "a", "1")) == nil)
            connection.close()
            server.close()
        }
    }

    @Test("stays connected where Redis refuses writes for another reason", arguments: ["OOM", "MISCONF", "NOREPLICAS"])
    func refusesWrites(code: String) async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in
                FakeRedis.handshake(words) ?? .say(words[0] == "GET" ? "+OK\r\n" : "-\(code) no\r\n")
            }
            let (connection, events) = host.connection(server.endpoint)
            connection.start()
            await events.next { $0.isConnected }
            #expect(await connection.error(of: RedisCommand("SET", "a", "1")) != nil)
            #expect(await connection.error(of: RedisCommand("GET", "a")) == nil)
            let declined = RedisEvent.declined(RedisReplyError(code: code, message: "no"))
            #expect(events.all.dropFirst() == [declined] && connection.isReady)
            connection.close()
            server.close()
        }
    }

    @Test("fails at once while it is not ready, and when it is closed")
    func failFast() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in FakeRedis.handshake(words) ?? .silence }
            let (connection, events) = host.connection(server.endpoint, timing: RedisTiming())
            connection.start()
            #expect(await connection.error(of: RedisCommand("GET", "a")) == RedisError.notReady)
            await events.next { $0.isConnected }
            var outcome: Result<RedisValue, RedisError>?
            connection.send(RedisCommand("GET", "a")) { outcome = $0 }
            #expect(connection.pendingCount == 1)
            connection.close()
            #expect(outcome == .failure(.closed))
            #expect(await connection.error(of: RedisCommand("GET", "a")) == RedisError.closed)
            #expect(await connection.errorOfConnecting() != nil)
            server.close()
        }
    }

    @Test("fails what was sent when the server hangs up after the request, in order, and connects again")
    func cutAfterRequest() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { connection, words in
                if connection == 0, words[0] == "INCR" { return .cut }
                return FakeRedis.handshake(words) ?? .say(":1\r\n")
            }
            let (connection, events) = host.connection(server.endpoint)
            connection.start()
            await events.next { $0.isConnected }
            let results = Journal<String>()
            for name in ["INCR", "b", "c"] {
                connection.send(RedisCommand(.string(name))) { results.add("\(name) \($0)") }
            }
            await results.next { $0.hasPrefix("c") }
            #expect(results.all.map { String($0.prefix(5)) } == ["INCR ", "b fai", "c fai"])
            #expect(results.all.allSatisfy { $0.contains("lost") })
            await events.next { $0.isConnected }
            #expect(try await connection.send(RedisCommand("INCR")) == .integer(1))
            connection.close()
            server.close()
        }
    }

    @Test("gives up a server that goes silent, idle or not")
    func silence() async throws {
        try await LoopHost.run { host in
            var isSilent = false
            let server = try FakeRedis(loop: host.loop) { _, words in
                isSilent ? .silence : FakeRedis.handshake(words) ?? .silence
            }
            let (connection, events) = host.connection(server.endpoint)
            connection.start()
            await events.next { $0.isConnected }
            // A command without an answer.
            #expect(await connection.error(of: RedisCommand("GET", "a")) == RedisError.lost(.silent(milliseconds: 200)))
            await events.next { $0.isConnected }
            // Nothing but its own PINGs.
            isSilent = true
            let loss = await events.next { $0.failure != nil }
            #expect(loss == .lost(.silent(milliseconds: 200)))
            isSilent = false
            await events.next { $0.isConnected }
            connection.close()
            server.close()
        }
    }

    @Test("stays connected while idle, because it asks")
    func idle() async throws {
        try await LoopHost.run { host in
            let pings = Journal<Int>()
            let server = try FakeRedis(loop: host.loop) { connection, words in
                if words[0] == "PING" { pings.add(connection) }
                return FakeRedis.handshake(words) ?? .silence
            }
            let (connection, events) = host.connection(server.endpoint)
            connection.start()
            for _ in 0..<8 { await pings.next() }
            #expect(events.all.count == 1 && pings.all.allSatisfy { $0 == 0 })
            connection.close()
            server.close()
        }
    }

    @Test("sends a script again on NOSCRIPT in the middle of a pipeline, and keeps the order of replies")
    func noScript() async throws {
        try await LoopHost.run { host in
            var isLoaded = false
            let server = try FakeRedis(loop: host.loop) { _, words in
                switch words[0] {
                case "EVALSHA" where !isLoaded: return .say("-NOSCRIPT No matching script\r\n")
                case "EVAL":
                    isLoaded = true
                    fallthrough
                case "EVALSHA": return .say("$\(words.last!.utf8.count)\r\n\(words.last!)\r\n")
                case "GET": return .say("+\(words[1])\r\n")
                default: return FakeRedis.handshake(words) ?? .cut
                }
            }
            let (connection, events) = host.connection(server.endpoint, scripts: [Self.script])
            connection.start()
            await events.next { $0.isConnected }
            let results = Journal<String>()
            func note(_ result: Result<RedisValue, RedisError>) {
                results.add((try? result.get().string) ?? "\(result)")
            }
            connection.run(Self.script, keys: ["k"], arguments: [Array("1".utf8)], note)
            connection.send(RedisCommand("GET", "2"), note)
            connection.run(Self.script, keys: ["k"], arguments: [Array("3".utf8)], note)
            connection.run(Self.script, keys: ["k"], arguments: [Array("4".utf8)], note)
            connection.send(RedisCommand("GET", "5"), note)
            await results.next { $0 == "5" }
            #expect(results.all == ["1", "2", "3", "4", "5"])
            #expect(server.connections[0].commands.count { $0[0] == "EVAL" } == 1)
            connection.close()
            server.close()
        }
    }

    @Test("bounds what waits, and takes commands again once replies have come")
    func overload() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in FakeRedis.handshake(words) ?? .say(":1\r\n") }
            let (connection, events) = host.connection(server.endpoint)
            connection.start()
            await events.next { $0.isConnected }
            var outcomes: [Result<RedisValue, RedisError>] = []
            for _ in 0..<RedisLimits.maxPendingCommands {
                connection.send(RedisCommand("GET", "a")) { outcomes.append($0) }
            }
            #expect(await connection.error(of: RedisCommand("GET", "a")) == RedisError.overloaded)
            while await connection.error(of: RedisCommand("GET", "a")) != nil { await Task.yield() }
            #expect(
                outcomes.count == RedisLimits.maxPendingCommands && outcomes.allSatisfy { $0 == .success(.integer(1)) })
            let large = [UInt8](repeating: 0, count: RedisLimits.maxPendingBytes)
            #expect(await connection.error(of: RedisCommand("SET", "a", .bytes(large))) == RedisError.overloaded)
            connection.close()
            server.close()
        }
    }

    @Test("can be closed inside a completion, with more replies behind it")
    func closeInside() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in FakeRedis.handshake(words) ?? .say(":1\r\n") }
            let (connection, events) = host.connection(server.endpoint)
            connection.start()
            await events.next { $0.isConnected }
            let results = Journal<Bool>()
            for number in 0..<3 {
                connection.send(RedisCommand("GET", "a")) {
                    if number == 0 { connection.close() }
                    results.add($0 == .failure(.closed))
                }
            }
            for _ in 0..<3 { await results.next() }
            // Closing fails the two others before the first has been written down.
            #expect(results.all == [true, true, false])
            server.close()
        }
    }

    @Test("takes a reply that nobody asked for as the end of the connection")
    func unsolicited() async throws {
        try await LoopHost.run { host in
            let server = try FakeRedis(loop: host.loop) { _, words in
                FakeRedis.handshake(words) ?? .say(":1\r\n:2\r\n:3\r\n")
            }
            var timing = RedisTiming.quick
            timing.idlePingMilliseconds = 100_000
            let (connection, events) = host.connection(server.endpoint, timing: timing)
            connection.start()
            await events.next { $0.isConnected }
            #expect(try await connection.send(RedisCommand("GET", "a")) == .integer(1))
            guard case .lost(.nonsense) = await events.next(where: { $0.failure != nil }) else {
                Issue.record("not lost")
                return
            }
            connection.close()
            server.close()
        }
    }
}
