import Base
import RESP

/// The commands before a connection is ready: log in, identify the server, load the scripts, and PING.
///
/// All commands leave in one write. The first reply that rules the connection out ends the handshake.
struct RedisHandshake {
    private enum Step {
        case authenticate, selectDatabase, setName, info, loadScript(RedisScript), ping
    }

    /// The result of the handshake, after the last reply.
    struct Outcome: Equatable {
        let server: RedisServer
        /// Digest of every script, by its name.
        let digests: [String: String]
    }

    /// The commands, for one write.
    let request: [UInt8]
    private var steps: Queue<Step>
    private let expected: Login.Expected
    private var server: RedisServer?
    private var digests: [String: String] = [:]

    init(_ login: Login) {
        let endpoint = login.endpoint
        expected = login.expected
        var steps: [(Step, RedisCommand)] = []
        if let password = endpoint.password {
            let login = endpoint.user.map { [RedisArgument.string($0)] } ?? []
            steps.append((.authenticate, RedisCommand(["AUTH"] + login + [.string(password)])))
        }
        if endpoint.database != 0 {
            steps.append((.selectDatabase, RedisCommand("SELECT", .integer(Int64(endpoint.database)))))
        }
        steps.append((.setName, RedisCommand("CLIENT", "SETNAME", .string(login.name))))
        // An older Sentinel takes one section only, and knows no replication.
        let sections: [RedisArgument] = expected == .sentinel ? ["server"] : ["server", "replication"]
        steps.append((.info, RedisCommand(["INFO"] + sections)))
        for script in login.scripts {
            steps.append((.loadScript(script), RedisCommand("SCRIPT", "LOAD", .string(script.text))))
        }
        // Last: Redis answers INFO and CLIENT while it loads its dump, but not PING.
        steps.append((.ping, RedisCommand("PING")))
        self.steps = Queue()
        for (step, _) in steps { self.steps.append(step) }
        request = steps.flatMap(\.1.encoded)
    }

    /// Takes the next reply; the last reply gives the outcome.
    mutating func receive(_ reply: RedisValue) throws(RedisFailure) -> Outcome? {
        guard let step = steps.popFirst() else { throw .nonsense("a reply without a command") }
        if case .error(let error) = reply {
            try check(error, of: step)
        } else {
            try accept(reply, of: step)
        }
        guard steps.isEmpty else { return nil }
        guard let server else { throw .nonsense("no INFO") }
        return Outcome(server: server, digests: digests)
    }

    private mutating func accept(_ reply: RedisValue, of step: Step) throws(RedisFailure) {
        switch step {
        case .authenticate, .selectDatabase, .setName:
            guard reply == .status("OK") else { throw .nonsense("expected OK, got \(reply.kindName)") }
        case .info:
            let info = RedisInfo(reply.string ?? "")
            guard let server = RedisServer(info) else {
                throw .nonsense("INFO names no run_id and redis_version")
            }
            try expected.check(info, server)
            self.server = server
        case .loadScript(let script):
            guard let digest = reply.string else { throw .nonsense("SCRIPT LOAD gave no digest") }
            digests[script.name] = digest
        case .ping:
            guard reply == .status("PONG") else { throw .nonsense("expected PONG, got \(reply.kindName)") }
        }
    }

    private func check(_ error: RedisReplyError, of step: Step) throws(RedisFailure) {
        if error.asksToWait { throw .unavailable(error) }
        switch step {
        // The connection works without a name, and an ACL may forbid CLIENT SETNAME.
        case .setName: return
        // With stop-writes-on-bgsave-error, a Redis that cannot save answers PING with MISCONF, but serves reads.
        case .ping where error.refusesWrites: return
        default: throw .refused(error)
        }
    }
}

extension Login.Expected {
    /// Whether `info` describes the kind of server that the login expects.
    fileprivate func check(_ info: RedisInfo, _ server: RedisServer) throws(RedisFailure) {
        guard info.isSentinel == (self == .sentinel) else {
            throw .refused(self == .sentinel ? .noSentinel : .sentinel)
        }
        // An older Sentinel has every command that the node sends.
        guard self == .sentinel || !server.isTooOld else { throw .tooOld(version: server.version) }
        // A master that has become a replica: the link must not count it as connected, or it would reconnect for ever.
        switch self {
        // A replica in a cluster leads to the masters.
        case .writable where info.isReadOnlyReplica && !info.isCluster, .master where info.isReplica:
            throw .unavailable(.replica)
        case .writable, .master, .anyRedis, .sentinel: break
        }
    }
}

extension RedisReplyError {
    /// The error for a Redis in place of a Sentinel, in the form of a Redis error.
    fileprivate static let noSentinel = RedisReplyError(code: "ERR", message: "this is a Redis, not a Sentinel")
    /// The error for a Sentinel in place of a Redis.
    fileprivate static let sentinel = RedisReplyError(
        code: "ERR", message: "this is a Sentinel; name it with redis-sentinel://host:port/NAME")

    /// A replica's answer to a write, for a replica that the link does not try.
    static let replica = RedisReplyError(code: "READONLY", message: "this Redis is a replica that takes no writes")
}

extension RedisValue {
    /// For messages: the type of a reply, never its content.
    var kindName: String {
        switch self {
        case .null: "nil"
        case .integer: "an integer"
        case .bulk: "a bulk string"
        case .status: "a status"
        case .error: "an error"
        case .array: "an array"
        }
    }
}
