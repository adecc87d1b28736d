import Events
import Dialects
import JSON
import RedisFixture
import Testing

@testable import Store

/// A refused call must store nothing: Redis does not roll back a script that is refused in the middle.
@Suite("Refused by Redis", .timeLimit(.minutes(1)))
struct RefusalTests {
    /// The user of these tests, who has all rights except those that a test takes away.
    private static let rights = ["~*", "&*", "+@all"]
    /// The rights taken away, and the command that publishing to the task `t` then lacks.
    private static let lacks: [([String], String)] = [
        (["resetchannels"], "PUBLISH"), (["resetchannels", "&other:*"], "PUBLISH"), (["-publish"], "PUBLISH"),
        (["-hset"], "HSET"), (["-hdel"], "HDEL"), (["-expire"], "EXPIRE"), (["-lpop"], "LPOP"), (["-rpush"], "RPUSH"),
        (["resetkeys", "~ft:{task:t}:m", "~task:t"], "history"), (["resetkeys", "~ft:{task:t}:h", "~task:t"], "hash"),
        (["resetkeys", "%R~*", "~ft:{task:t}:h"], "hash"), (["resetkeys", "%R~*", "~ft:{task:t}:m"], "history"),
    ]

    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let worker: RedisSocket
    private let naming = Naming.standard
    private let task = ChannelName.task(Identifier("t")!)

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: naming, limits: HistoryLimits()).source)
        redis.call(["ACL", "SETUSER", "w", "on", ">pw"] + Self.rights)
        worker = RedisSocket(server)
        worker.call("AUTH", "w", "pw")
    }

    private func setRights(_ changes: [String]) { redis.call(["ACL", "SETUSER", "w"] + Self.rights + changes) }

    /// Every key, with its contents.
    private func stored() -> [String: RedisSocket.Reply] {
        let keys = redis.call("KEYS", "*").list.compactMap(\.string)
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, redis.call("DUMP", $0)) })
    }

    private func batch(_ text: String) throws -> [PublishScript.Entry] {
        let json = Array(text.utf8)
        let parser = JSONParser(maxBytes: 1_000)
        return [(json, try Event(parser.object(json), parser: parser))]
    }

    private func publishing(_ text: String, name: String? = nil) throws -> PublishScript {
        PublishScript(
            try batch(text), to: task, runID: redis.runID, limits: HistoryLimits(), naming: naming, idempotencyKey: name
        )
    }

    private func isError(_ reply: RedisSocket.Reply) -> Bool { if case .error = reply { true } else { false } }

    /// Calls `publish` without each of the rights, on an unknown and on a known task: an error, and nothing else.
    private func tryWithout(_ lacks: [([String], String)], _ publish: () throws -> RedisSocket.Reply) throws {
        for isKnown in [false, true] {
            redis.call("FLUSHALL")
            setRights([])
            if isKnown { #expect(try publish().list.count == 3) }
            for (changes, what) in lacks {
                setRights(changes)
                let before = stored()
                let reply = try publish()
                #expect(isError(reply), "\(changes) \(reply)")
                if reply != .null, case .error(let message) = reply, what.first?.isUppercase == true,
                    message.hasPrefix("NOPERM")
                {
                    #expect(message.contains("may not \(what) "), "\(changes) \(message)")
                }
                #expect(stored() == before, "\(changes), known \(isKnown): \(what)")
            }
            setRights([])
            #expect(try publish().list.dropFirst().first?.int == (isKnown ? 2 : 1))
        }
    }

    @Test("a worker without a right that publishing needs is refused before anything is written")
    func function() throws {
        try tryWithout(Self.lacks) {
            worker.call("FCALL", "fantail_publish", "1", "task:t", #"{"progress":1,"owner":"o"}"#)
        }
    }

    @Test("a refused end does not end the task")
    func end() {
        setRights(["resetchannels"])
        for _ in 0..<2 {
            let reply = worker.call("FCALL", "fantail_publish", "1", "task:W", #"{"type":"completed"}"#)
            guard case .error(let message) = reply else { return #expect(Bool(false), "\(reply)") }
            #expect(message == "NOPERM the user may not PUBLISH task:W; nothing was stored")
        }
        #expect(redis.call("EXISTS", "ft:{task:W}:m", "ft:{task:W}:h").int == 0)
        // Where an operator looks for refusals.
        #expect(redis.call("ACL", "LOG").list.count == 1)
    }

    @Test("a worker that may not publish to owner and team still publishes to the task")
    func owners() {
        setRights(["resetchannels", "&task:*"])
        let reply = worker.call("FCALL", "fantail_publish", "1", "task:t", #"{"owner":"o","team":"m"}"#)
        #expect(reply.list.count == 3, "\(reply)")
    }

    @Test("a node without a right is refused before anything is written, also the idempotency key")
    func script() throws {
        var serial = 0
        let event = #"{"progress":1}"#
        try tryWithout(Self.lacks) { worker.eval(try publishing(event)) }
        try tryWithout(Self.lacks + [(["-set"], "SET"), (["-get"], "get")]) {
            serial += 1
            return worker.eval(try publishing(event, name: "k\(serial)"))
        }
    }

    @Test("a hash of another type is found before anything is written")
    func typeOfHash() throws {
        redis.call("SET", "ft:{task:t}:m", "x")
        let before = stored()
        #expect(isError(worker.call("FCALL", "fantail_publish", "1", "task:t", "{}")))
        #expect(isError(worker.eval(try publishing("{}"))))
        #expect(stored() == before)
    }

    @Test("a history of another type is found before anything is written")
    func typeOfHistory() throws {
        #expect(worker.call("FCALL", "fantail_publish", "1", "task:t", "{}").list.count == 3)
        redis.call("SET", "ft:{task:t}:h", "x")
        let before = stored()
        #expect(isError(worker.call("FCALL", "fantail_publish", "1", "task:t", "{}")))
        #expect(isError(worker.eval(try publishing("{}"))))
        #expect(stored() == before)
    }

    private func register(_ event: String = #"{"status":"QUEUED"}"#, apiKey: String = "key", name: String? = nil) throws
        -> RedisSocket.Reply
    {
        var secrets = RegistrationScript.Secrets()
        (secrets.externalID, secrets.apiKey, secrets.endpoint) = ("x", apiKey, UpstreamEndpoint("http://127.0.0.1"))
        let publishing = PublishArguments(
            try batch(event), to: task, runID: redis.runID, limits: HistoryLimits(), naming: naming)
        return worker.eval(
            RegistrationScript(task, secrets: secrets, publishing: publishing, naming: naming, idempotencyKey: name))
    }

    @Test("a refused registration stores nothing, and can be repeated")
    func registration() throws {
        let more: [([String], String)] = [
            (["-pexpire"], "PEXPIRE"), (["-del"], "DEL"), (["-pttl"], "PTTL"),
        ]
        for (changes, _) in Self.lacks + more {
            setRights(changes)
            let reply = try register()
            #expect(isError(reply), "\(changes) \(reply)")
            #expect(stored() == [:], "\(changes)")
        }
        setRights([])
        #expect(try register().list.count == 3)
        #expect(try register() == .error("EXISTS the task is known already"))
    }

    @Test("a registration with an idempotency key happens once, with the same answer again; another body is refused")
    func registrationOnce() throws {
        let first = try register(name: "n")
        #expect(first.list.count == 3)
        #expect(try register(name: "n") == first)
        let others = [try register(apiKey: "other", name: "n"), try register(#"{"status":"RUNNING"}"#, name: "n")]
        for other in others { #expect(other == .error("MISMATCH the key was used with another body")) }
        #expect(try register(name: "m") == .error("EXISTS the task is known already"))
        #expect(redis.call("LLEN", "ft:{task:t}:h").int == 1)
    }

    @Test("an answer of a third party that may not be published leaves the inquiry unchanged")
    func settling() throws {
        #expect(try register().list.count == 3)
        let turn = redis.run(
            BeginInquiryScript(task, token: "me", milliseconds: 12_000, isEager: false, naming: naming))
        guard case .ask(let question) = turn else { return #expect(Bool(false), "\(String(describing: turn))") }
        let publishing = PublishArguments(
            try batch(#"{"progress":5}"#), to: task, runID: redis.runID, limits: HistoryLimits(), naming: naming)
        let settling = SettleInquiryScript(
            task, token: "me", freshMilliseconds: 1_000, epoch: question.epoch, stateSequence: question.stateSequence,
            publishing: publishing, naming: naming)
        for (changes, _) in Self.lacks {
            setRights(changes)
            let before = stored()
            #expect(isError(worker.eval(settling)))
            #expect(stored() == before, "\(changes)")
        }
        setRights([])
        #expect(worker.run(settling) == true)
        #expect(redis.call("HGET", naming.metaKey(of: task), "s").int == 2)
    }
}
