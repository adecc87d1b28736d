import Testing

@testable import RESP
@testable import Redis

@Suite("The handshake")
struct RedisHandshakeTests {
    private static let info = RedisValue.bulk(
        Array("# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\ntcp_port:1\r\n".utf8))
    private static let ok = RedisValue.status("OK")
    private static let pong = RedisValue.status("PONG")
    private static let script = RedisScript(name: "one", text: "#!lua\nreturn 1")

    private func error(_ line: String) -> RedisValue { .error(RedisReplyError(line: line)) }

    private func run(
        _ replies: [RedisValue], endpoint: RedisEndpoint = RedisEndpoint(address: .unix(path: "/s")),
        scripts: [RedisScript] = [], expected: Login.Expected = .writable
    ) throws(RedisFailure) -> RedisHandshake.Outcome? {
        var handshake = RedisHandshake(
            Login(endpoint: endpoint, name: "n", scripts: scripts, expected: expected))
        var outcome: RedisHandshake.Outcome?
        for reply in replies { outcome = try handshake.receive(reply) }
        return outcome
    }

    @Test("logs in, chooses the database, names itself, asks who answers, loads the scripts and pings, in this order")
    func request() {
        let endpoint = RedisEndpoint(address: .unix(path: "/s"), user: "u", password: "p", database: 2)
        let handshake = RedisHandshake(Login(endpoint: endpoint, name: "n", scripts: [Self.script]))
        let commands = [
            RedisCommand("AUTH", "u", "p"), RedisCommand("SELECT", "2"), RedisCommand("CLIENT", "SETNAME", "n"),
            RedisCommand("INFO", "server", "replication"), RedisCommand("SCRIPT", "LOAD", .string(Self.script.text)),
            RedisCommand("PING"),
        ]
        #expect(handshake.request == commands.flatMap(\.encoded))
    }

    @Test("is done with the answer to the last command")
    func outcome() throws {
        let replies = [Self.ok, Self.info, .bulk(Array("digest".utf8)), Self.pong]
        let outcome = try run(replies, scripts: [Self.script])
        #expect(outcome?.server == RedisServer(runID: "abc", version: "7.0.15"))
        #expect(outcome?.digests == [Self.script.name: "digest"])
        #expect(try run(replies.dropLast(), scripts: [Self.script]) == nil)
    }

    @Test("refuses a Redis below 7, naming its version", arguments: ["6.2.7", "2.8", "", "x"])
    func old(version: String) {
        let info = RedisValue.bulk(Array("redis_version:\(version)\r\nrun_id:abc\r\n".utf8))
        #expect(throws: RedisFailure.tooOld(version: version)) { try run([Self.ok, info]) }
    }

    @Test(
        "waits for a Redis that loads its dump, has lost its master, is busy or full",
        arguments: [
            "LOADING Redis is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
            "BUSY Redis is busy",
            "ERR max number of clients reached",
        ])
    func unavailable(line: String) {
        let error = RedisReplyError(line: line)
        #expect(throws: RedisFailure.unavailable(error)) { try run([Self.ok, Self.info, .error(error)]) }
        #expect(!RedisFailure.unavailable(error).needsOperator)
    }

    @Test(
        "gives up for long when the login is refused",
        arguments: [
            "WRONGPASS invalid username-password pair", "ERR AUTH <password> called without any password configured",
            "DENIED Redis is running in protected mode",
        ])
    func refused(line: String) {
        let endpoint = RedisEndpoint(address: .unix(path: "/s"), password: "p")
        #expect(throws: RedisFailure.refused(RedisReplyError(line: line))) {
            try run([error(line)], endpoint: endpoint)
        }
        #expect(RedisFailure.refused(RedisReplyError(line: line)).needsOperator)
    }

    @Test("does without the name when the ACL forbids it, but not without INFO")
    func permissions() throws {
        #expect(try run([error("NOPERM no client|setname"), Self.info, Self.pong]) != nil)
        #expect(throws: RedisFailure.self) { try run([Self.ok, error("NOPERM no info")]) }
    }

    @Test("is not ready on a replica, unless it only reads or the replica takes writes")
    func replica() throws {
        let replica = "redis_version:7.0.15\r\nrun_id:abc\r\nrole:slave\r\n"
        let info = { RedisValue.bulk(Array((replica + $0).utf8)) }
        for text in ["", "slave_read_only:1\r\n"] {
            #expect(throws: RedisFailure.unavailable(.replica)) { try run([Self.ok, info(text)]) }
        }
        #expect(try run([Self.ok, info(""), Self.pong], expected: .anyRedis) != nil)
        #expect(try run([Self.ok, info("slave_read_only:0\r\n"), Self.pong]) != nil)
        #expect(!RedisFailure.unavailable(.replica).needsOperator)
    }

    @Test("is not ready on a replica that takes writes, where Sentinel has called it the master")
    func writableReplica() {
        let text = "redis_version:7.0.15\r\nrun_id:abc\r\nrole:slave\r\nslave_read_only:0\r\n"
        #expect(throws: RedisFailure.unavailable(.replica)) {
            try run([Self.ok, .bulk(Array(text.utf8))], expected: .master)
        }
    }

    @Test("tells a Sentinel from a Redis, of whatever version")
    func sentinel() throws {
        let sentinel = RedisValue.bulk(Array("redis_version:6.2.0\r\nredis_mode:sentinel\r\nrun_id:abc\r\n".utf8))
        #expect(try run([Self.ok, sentinel, Self.pong], expected: .sentinel) != nil)
        for (info, expected) in [(sentinel, Login.Expected.writable), (sentinel, .master), (Self.info, .sentinel)] {
            guard
                case .refused? = #expect(
                    throws: RedisFailure.self, performing: { try run([Self.ok, info], expected: expected) })
            else { return #expect(Bool(false)) }
        }
    }

    @Test("takes a Redis that cannot save: it can still be read from")
    func misconf() throws {
        #expect(try run([Self.ok, Self.info, error("MISCONF Redis is configured to save RDB snapshots")]) != nil)
    }

    @Test(
        "is ended by replies that are not answers",
        arguments: [
            [RedisValue.integer(1)], [.status("OK"), .status("OK")], [.status("OK"), .bulk([])],
            [.status("OK"), RedisHandshakeTests.info, .status("OK")],
            [.status("OK"), RedisHandshakeTests.info, .status("PONG"), .status("PONG")],
        ])
    func nonsense(replies: [RedisValue]) {
        #expect(throws: RedisFailure.self) { try run(replies) }
    }
}
