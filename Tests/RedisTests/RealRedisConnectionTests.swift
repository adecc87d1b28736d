import RedisFixture
import EventLoop
import Testing

@testable import RESP
@testable import Redis

@Suite("A command connection to a real Redis", .timeLimit(.minutes(1)))
struct RealRedisConnectionTests {
    private static let count = RedisScript(name: "count", text: "#!lua\nreturn redis.call('INCR', KEYS[1])")

    @Test("sends commands and calls scripts")
    func commands() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (connection, events) = host.connection(
                RedisEndpoint(redis), scripts: [Self.count], timing: RedisTiming())
            connection.start()
            try await connection.connected()
            #expect(events.all == [.connected(connection.server!)])
            #expect(connection.runID?.utf8.count == 40)
            #expect(try await connection.send(RedisCommand("SET", "k", .bytes([0, 13, 10, 255]))) == .status("OK"))
            #expect(try await connection.send(RedisCommand("GET", "k")).bytes == [0, 13, 10, 255])
            #expect(try await connection.send(RedisCommand("GET", "absent")).isNull)
            #expect(try await connection.send(RedisCommand("CLIENT", "GETNAME")).string == "test")
            #expect(try await connection.run(Self.count, keys: ["n"]).integer == 1)
            #expect(try await connection.send(RedisCommand("GET", "n")).integer == 1)
            connection.close()
        }
    }

    @Test("fails with the reply that Redis gave, and goes on")
    func errorReply() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (connection, _) = host.connection(RedisEndpoint(redis))
            connection.start()
            try await connection.connected()
            guard case .reply(let error) = await connection.error(of: RedisCommand("NOSUCH")) else {
                Issue.record("no error")
                return
            }
            #expect(error.code == "ERR" && error.message.hasPrefix("unknown command"))
            #expect(try await connection.send(RedisCommand("PING")).string == "PONG")
            connection.close()
        }
    }

    @Test("serves a single publish, as the command line does")
    func oneShot() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (connection, _) = host.connection(RedisEndpoint(redis))
            connection.start()
            try await connection.connected()
            #expect(try await connection.send(RedisCommand("PUBLISH", "task:1", "{}")).integer == 0)
            connection.close()
        }
    }

    @Test("survives a restart of Redis and sees that it is another one")
    func restart() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (connection, events) = host.connection(RedisEndpoint(redis), scripts: [Self.count])
            connection.start()
            try await connection.connected()
            let first = connection.runID
            redis.stop()
            await events.next { if case .lost = $0 { true } else { false } }
            #expect(await connection.error(of: RedisCommand("PING")) == .notReady)
            await events.next { if case .failed(.unreachable) = $0 { true } else { false } }
            try redis.start()
            await events.next { $0.isConnected }
            #expect(connection.runID != first)
            #expect(try await connection.run(Self.count, keys: ["n"]).integer == 1)
            connection.close()
        }
    }

    @Test("gives up a Redis that stands still, and takes it again when it moves on")
    func freeze() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (connection, events) = host.connection(RedisEndpoint(redis))
            connection.start()
            try await connection.connected()
            redis.freeze()
            let loss = await events.next { $0.failure != nil }
            #expect(loss == .lost(.silent(milliseconds: 200)))
            redis.thaw()
            await events.next { $0.isConnected }
            connection.close()
        }
    }

    @Test("loses no call and no order when the scripts are flushed under load")
    func scriptFlush() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let timing = RedisTiming()
            let (connection, _) = host.connection(RedisEndpoint(redis), scripts: [Self.count], timing: timing)
            let (operator_, _) = host.connection(RedisEndpoint(redis), timing: timing)
            connection.start()
            operator_.start()
            try await connection.connected()
            try await operator_.connected()
            var results: [Int64?] = []
            let total = 20_000
            for round in 0..<100 {
                for _ in 0..<total / 100 {
                    connection.run(Self.count, keys: ["n"]) { results.append(try? $0.get().integer) }
                }
                operator_.send(RedisCommand("SCRIPT", "FLUSH")) { _ in }
                if round % 2 == 0 { try await operator_.send(RedisCommand("PING")) }
            }
            while connection.pendingCount > 0 { try await operator_.send(RedisCommand("PING")) }
            let wrong = results.enumerated().first { $1 != Int64($0 + 1) }
            #expect(
                results.count == total && wrong == nil,
                "\(results.count) results, first wrong: \(String(describing: wrong))")
            connection.close()
            operator_.close()
        }
    }

    @Test("logs in with a password, and as an ACL user; a wrong password is refused, not retried fast")
    func login() async throws {
        let redis = try RedisServerProcess(
            "--requirepass", "p@ss", "--user", "node", "on", ">n0de", "~*", "&*", "+@all")
        try await LoopHost.run { host in
            for (user, password) in [(nil, "p@ss"), ("default", "p@ss"), ("node", "n0de")] {
                var endpoint = RedisEndpoint(redis)
                (endpoint.user, endpoint.password, endpoint.database) = (user, password, 3)
                let (connection, _) = host.connection(endpoint)
                connection.start()
                try await connection.connected()
                #expect(try await connection.send(RedisCommand("ACL", "WHOAMI")).string == user ?? "default")
                connection.close()
            }
            for (password, code) in [(nil, "NOAUTH"), ("wrong", "WRONGPASS")] {
                var endpoint = RedisEndpoint(redis)
                endpoint.password = password
                let (connection, events) = host.connection(endpoint)
                connection.start()
                guard case .refused(let error) = await connection.errorOfConnecting() else {
                    Issue.record("not refused")
                    return
                }
                #expect(error.code == code)
                let loss = await events.next { $0.failure == nil }
                #expect(loss == .retrying(milliseconds: 20))
                connection.close()
            }
        }
    }

    @Test("refuses a database that is not there, saying so")
    func database() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            var endpoint = RedisEndpoint(redis)
            endpoint.database = 99
            let (connection, _) = host.connection(endpoint)
            connection.start()
            let error = await connection.errorOfConnecting()
            #expect(error?.description.contains("DB index is out of range") == true)
            connection.close()
        }
    }

    @Test("moves megabytes both ways over a full socket")
    func megabytes() async throws {
        let redis = try RedisServerProcess()
        try await LoopHost.run { host in
            let (connection, _) = host.connection(RedisEndpoint(redis), timing: RedisTiming())
            connection.start()
            try await connection.connected()
            let block = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            for number in 0..<7 {
                connection.send(RedisCommand("SET", .integer(Int64(number)), .bytes(block))) { _ in }
            }
            for number in 0..<7 {
                #expect(try await connection.send(RedisCommand("GET", .integer(Int64(number)))).bytes == block)
            }
            connection.close()
        }
    }
}
