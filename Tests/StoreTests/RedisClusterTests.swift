import Events
import JSON
import RESP
import RedisFixture
import Testing

@testable import Store

/// Every script on a Redis Cluster of one server, called by a user who may touch only the call's keys: a key in another
/// hash slot is an error there, and so is one that a script does not declare.
@Suite("Scripts in a cluster", .timeLimit(.minutes(2)))
final class RedisClusterTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    /// The user with the rights of one call.
    private let caller: RedisSocket
    private let task = ChannelName.task(Identifier("t")!)
    private let naming = Naming.standard
    private var presence = PresenceKeys(.standard)
    private let limits = PresenceLimits(graceMilliseconds: 0)
    private let parser = JSONParser(maxBytes: 100_000)
    private var called: Set<String> = []

    init() throws {
        server = try RedisServerProcess("--cluster-enabled", "yes", "--cluster-port", "\(freePort())")
        redis = RedisSocket(server)
        redis.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        while redis.call("CLUSTER", "INFO").string?.contains("cluster_state:ok") != true {}
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: naming, limits: HistoryLimits()).source)
        redis.call("ACL", "SETUSER", "caller", "on", ">pw")
        caller = RedisSocket(server)
        caller.call("AUTH", "caller", "pw")
    }

    /// Gives the caller the rights to these keys alone.
    private func allow(_ keys: [String]) {
        let slots = Set(keys.map { redis.call("CLUSTER", "KEYSLOT", $0).int })
        #expect(slots.count <= 1, "\(keys) are in \(slots)")
        redis.call(["ACL", "SETUSER", "caller", "reset", "on", ">pw", "+@all", "&*"] + keys.map { "~" + $0 })
    }

    @discardableResult
    private func run<Request: ScriptRequest>(_ request: Request) throws -> Request.Reply {
        allow(request.keys)
        called.insert(Request.script.name)
        let reply = caller.eval(request)
        return try #require(request.reply(reply.value), "\(Request.script.name): \(reply)")
    }

    @discardableResult
    private func run<Request: CommandRequest>(_ request: Request) throws -> Request.Reply {
        redis.call("ACL", "SETUSER", "caller", "reset", "on", ">pw", "+@all", "&*", "~*")
        return try #require(caller.run(request), "\(request.name)")
    }

    private func batch(_ texts: [String]) throws -> [PublishArguments.Entry] {
        try texts.map { (Array($0.utf8), try Event(parser.object(Array($0.utf8)), parser: parser)) }
    }

    private func publish(_ texts: String..., name: String? = nil, limits: HistoryLimits = HistoryLimits()) throws {
        try run(
            PublishScript(
                try batch(texts), to: task, runID: redis.runID, limits: limits, naming: naming, idempotencyKey: name))
    }

    private func read(since: Position?) throws -> ReadScript.Reply {
        let place = ReadScript.Place(since: since, bytes: 1 << 20, newEpoch: true)
        return try run(ReadScript(task, from: place, runID: redis.runID, naming: naming))
    }

    private func checkTasks() throws {
        try publish(#"{"progress":1,"owner":"o","team":"m"}"#)
        try publish(#"{"type":"stage","stage":"A"}"#, #"{"type":"completed"}"#, name: "once")
        try publish(#"{"type":"stage","stage":"A"}"#, #"{"type":"completed"}"#, name: "once")
        try publish(#"{"progress":1,"restart":true}"#, #"{"progress":2}"#, limits: HistoryLimits(entries: 2))
        let answer = try read(since: ReadScript.all).answer
        #expect(answer.top?.sequence == 5 && answer.entries.count == 2)
        #expect(try run(StoredPosition(of: task, naming: naming)).position == answer.top)
        redis.call("HSET", naming.metaKey(of: task), "rid", "another")
        #expect(try read(since: nil) == .needsEpoch)
        #expect(try run(EpochScript(task, runID: redis.runID, naming: naming)))
        redis.call("HSET", naming.metaKey(of: task), "rid", "another")
        try publish(#"{"progress":3}"#)
        try run(
            NotificationScript(
                Array("{}".utf8), id: 7, source: [], to: Identifier("u")!, name: "n", naming: naming))
    }

    private func checkAcknowledgements() throws {
        let kept = AcknowledgementsKept(user: "u", client: "c", holder: "1", naming: naming)
        #expect(try run(AddAcknowledgementScript("m", Array("text".utf8), in: kept, most: 5, seconds: 60)))
        #expect(try run(TakeOverAcknowledgementsScript(kept, seconds: 60)).messages.count == 1)
        #expect(try run(AttemptAcknowledgementScript(1, of: 5, "m", in: kept)) == .send)
        try run(RemoveAcknowledgementScript("m", in: kept))
    }

    private func checkInquiries() throws {
        redis.call("DEL", naming.metaKey(of: task), naming.historyKey(of: task))
        let due = DueSet.inquiries(naming)
        try run(EnterDueScript("task:t", milliseconds: 0, in: due))
        try run(EnterDueScript("task:t", milliseconds: 0, in: .secrets(naming)))
        var secrets = RegistrationScript.Secrets()
        (secrets.externalID, secrets.apiKey, secrets.endpoint) = ("x", "k", UpstreamEndpoint("http://127.0.0.1"))
        let registered = PublishArguments(
            try batch([#"{"status":"QUEUED"}"#]), to: task, runID: redis.runID, limits: HistoryLimits(), naming: naming)
        for _ in 0..<2 {
            let receipt = try run(
                RegistrationScript(
                    task, secrets: secrets, publishing: registered, naming: naming, idempotencyKey: "r"))
            #expect(receipt.position.sequence == 1)
        }
        #expect(try run(SecretsExist(of: task, naming: naming)))
        let taken = try run(TakeDueScript(due, most: 5, milliseconds: 15_000))
        #expect(taken.map(\.channel) == ["task:t"])
        let turn = try run(
            BeginInquiryScript(task, token: "me", milliseconds: 12_000, isEager: false, naming: naming))
        guard case .ask(let question) = turn else { return #expect(Bool(false), "\(turn)") }
        try run(DelayDueScript("task:t", milliseconds: 30_000, in: due))
        let told = PublishArguments(
            try batch([#"{"type":"completed"}"#]), to: task, runID: redis.runID, limits: HistoryLimits(), naming: naming
        )
        let goesOn = try run(
            SettleInquiryScript(
                task, token: "me", freshMilliseconds: 1_000, epoch: question.epoch,
                stateSequence: question.stateSequence, publishing: told, naming: naming))
        #expect(!goesOn)
        #expect(try !run(DropDueScript("task:t", due: taken[0].due, in: due)))
        #expect(try run(KeepSecretsScript(of: task, naming: naming)) != .gone)
        redis.call("DEL", naming.metaKey(of: task))
        #expect(try run(KeepSecretsScript(of: task, naming: naming)) == .gone)
    }

    private func write(_ users: [(String, Int)], of incarnation: String) throws {
        try run(
            WriteCountsScript(
                users.map { (user: $0.0, connections: $0.1) }, of: incarnation,
                connections: users.reduce(0) { $0 + $1.1 }, isRepeated: false, limits: limits, everyone: "everyone",
                keys: presence))
    }

    private func checkPresence() throws {
        for name in ["a", "b"] {
            try run(
                RegisterLoopScript(
                    name, of: "node", loop: 0, version: "1", leaseMilliseconds: 6_000, again: false, keys: presence))
        }
        try write([("ann", 1), ("bob", 2)], of: "a")
        try write([("bob", 0)], of: "a")
        let beat = HeartbeatScript("a", users: 1, connections: 0, leaseMilliseconds: 6_000, keys: presence)
        guard case .registered(let counts) = try run(beat) else { return #expect(Bool(false)) }
        #expect(counts.online == 1)
        try run(TickScript(limits: limits, everyone: "everyone", keys: presence))
        #expect(try run(StoredUsersScript("a", from: nil, keys: presence)).users == ["ann"])
        let said = SetStatusesScript.Entry(user: "ann", status: "away", milliseconds: nil)
        try run(SetStatusesScript([said], keys: presence))
        #expect(try run(ListUsersScript(after: nil, count: 5, keys: presence)).users.map(\.id) == ["ann"])
        #expect(try run(UserStatusScript(of: "ann", keys: presence)).status == "away")
        #expect(try run(OnlineCount(keys: presence)) == 1)
        let loops = try run(ListLoopsScript(keys: presence)).loops.map(\.incarnation)
        #expect(try run(DescribeLoopsScript(loops, keys: presence)).compactMap(\.?.node) == ["node", "node"])
        #expect(try run(DisconnectScript("ann", message: "close ann", keys: presence)) == 1)
        try checkRooms()
    }

    private func checkRooms() throws {
        let rooms = ["one", "two"].map { naming.viewersKey(of: .task(Identifier($0)!)) }
        for room in rooms {
            #expect(try run(HoldRoomScript(room, by: "a", keys: presence)))
            try run(WriteViewersScript(2, in: room, of: "a"))
        }
        #expect(try run(RoomViewers(in: rooms[0])).map(\.viewers) == [2])
        let reap = ReapScript("a", limits: limits, isOwn: true, keys: presence)
        #expect(try run(reap) == .rooms)
        #expect(try Set(run(RoomsRequest(of: "a", keys: presence))) == Set(rooms))
        for room in rooms { try run(EmptyRoom(room, of: "a")) }
        try run(LeaveRooms(rooms, by: "a", keys: presence))
        #expect(try run(reap) == .done)
        #expect(redis.call("EXISTS", rooms[0]).int == 0 && redis.call("EXISTS", rooms[1]).int == 0)
        try run(WriteViewersScript(0, in: rooms[0], of: "b"))
    }

    private func checkList() throws {
        let keys = TaskListKeys(naming)
        #expect(try run(KeepListScript("loop", milliseconds: 60_000, keys: keys)) == .own(isNew: true))
        let place = ListedTask(id: Identifier("a")!, owner: Identifier("ann")!, startedAt: 1)
        let facts = TaskFacts.Reply(place: place, standing: .failed, deletedAt: nil)
        #expect(try run(ListTaskScript(place, facts, by: "loop", keys: keys)))
        #expect(try run(TaskPageScript(of: keys.all, after: nil, count: 5)).tasks == [place])
        #expect(try run(UnlistTaskScript(place, by: "loop", keys: keys)))
        #expect(try run(TaskPageScript(of: keys.tasks(.failed), after: place, count: 5)).tasks == [])
    }

    @Test("each script touches only the keys that it declares, and these are in one slot")
    func all() throws {
        try checkTasks()
        try checkAcknowledgements()
        try checkInquiries()
        for bucket in PresenceBuckets(naming, areSpread: true).all.prefix(2) {
            presence = bucket
            try checkPresence()
        }
        #expect(try run(RightsScript([["GET", "x"]])) == ["GET x"])
        try checkList()
        #expect(called == Set(Scripts.all.map(\.name)))
    }

    @Test("so does the workers' Function, which takes a task's own keys there and refuses the other form")
    func function() {
        let keys = [naming.metaKey(of: task), naming.historyKey(of: task)]
        allow(keys + ["task:t"])
        let events = [
            #"{"progress":1,"owner":"o"}"#, #"{"type":"completed"}"#, #"{"progress":0,"restart":true}"#,
        ]
        for (number, event) in events.enumerated() {
            let reply = caller.call(["FCALL", "fantail_publish", "2"] + keys + [event])
            #expect(reply.list.dropFirst().first?.int == number + 1, "\(reply)")
        }
        #expect(
            caller.call("FCALL", "fantail_publish", "1", "task:t", "{}")
                == .error(
                    "INVALID in a cluster name the own keys of the task or topic: FCALL fantail_publish 2 ft:{task:t}:m "
                        + "ft:{task:t}:h EVENT"))
        #expect(redis.call("HGET", keys[0], "s").int == 3)
    }
}
