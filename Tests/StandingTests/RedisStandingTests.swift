import RESP
import Redis
import Events
import Store
import Testing

@testable import Standing

@Suite("Whether Redis does what a loop needs")
struct StandingTests {
    private static let full = RedisReplyError(line: "OOM no room")
    private static let replica = RedisReplyError(line: "READONLY a replica")
    private static let denied = RedisReplyError(line: "NOPERM no evalsha")
    private static let fine = RedisStanding.Event.answered(missing: [])

    private func standing(_ events: [RedisStanding.Event]) -> RedisStanding {
        var standing = RedisStanding()
        for event in events { _ = standing.receive(event) }
        return standing
    }

    /// The actions after the last of `events`.
    private func actions(_ events: RedisStanding.Event...) -> [RedisStanding.Action] {
        var standing = self.standing(events.dropLast())
        return standing.receive(events.last!)
    }

    private func standing(_ events: RedisStanding.Event...) -> RedisStanding { standing(events) }

    @Test("asks as soon as commands are taken, at every heartbeat, and not twice at once")
    func asks() {
        #expect(actions(.beat) == [])
        #expect(actions(.connected) == [.ask])
        #expect(actions(.connected, .beat) == [])
        #expect(actions(.connected, Self.fine, .beat) == [.ask])
        #expect(actions(.connected, .unanswered, .beat) == [.ask])
        #expect(actions(.connected, Self.fine, .gone(.ended("x")), .beat) == [])
    }

    @Test("asks at once when another command is refused, unless it knows already")
    func doubt() {
        #expect(actions(.doubt) == [])
        #expect(actions(.connected, .doubt) == [])
        #expect(actions(.connected, Self.fine, .doubt) == [.ask])
        #expect(actions(.connected, .refused(Self.full), .doubt) == [])
    }

    @Test("is good after an answer, and not before, nor when the connection is gone")
    func good() {
        #expect(!standing(.connected).isGood)
        #expect(standing(.connected, Self.fine).isGood)
        #expect(!standing(.connected, Self.fine, .gone(.ended("x"))).isGood)
        #expect(!standing(.connected, Self.fine, .gone(.ended("x")), .connected).isGood)
        #expect(actions(.connected, Self.fine) == [])
    }

    @Test("logs once that writes are refused, and once that it is over")
    func refusal() {
        #expect(actions(.connected, .refused(Self.full)) == [.sayBegun(.refusesWrites(Self.full))])
        #expect(standing(.connected, Self.fine, .beat, .refused(Self.full)).trouble == .refusesWrites(Self.full))
        #expect(actions(.connected, .refused(Self.full), .beat, .refused(Self.full)) == [])
        #expect(actions(.connected, .refused(Self.full), .beat, Self.fine) == [])
        #expect(
            actions(.connected, .refused(Self.full), .beat, Self.fine, .beat, Self.fine) == [.sayOver(.refusesWrites)])
    }

    @Test("tells a replica, where the connection is left, from a Redis that is away")
    func replica() {
        let gone = RedisStanding.Event.gone(.unavailable(Self.replica))
        #expect(actions(.connected, Self.fine, gone) == [.sayBegun(.refusesWrites(Self.replica))])
        #expect(actions(gone, gone) == [])
        let away = standing(gone, .gone(.ended("x")))
        #expect(away.trouble == nil && !away.isGood)
        #expect(actions(gone, .gone(.ended("x")), .connected, Self.fine) == [])
        #expect(actions(gone, .connected, Self.fine, .beat, Self.fine) == [.sayOver(.refusesWrites)])
        #expect(!standing(gone, .connected, Self.fine).isGood)
    }

    @Test("names the missing rights, whether the question runs or not")
    func rights() {
        let missing = ["PUBLISH task:x"]
        #expect(actions(.connected, .answered(missing: missing)) == [.sayBegun(.lacksRights(missing))])
        #expect(actions(.connected, .refused(Self.denied)) == [.sayBegun(.lacksRights(["no evalsha"]))])
        #expect(actions(.gone(.refused(Self.denied))) == [.sayBegun(.lacksRights(["no evalsha"]))])
        #expect(actions(.gone(.refused(RedisReplyError(line: "WRONGPASS x")))) == [])
        let twice = actions(.connected, .answered(missing: missing), .beat, Self.fine, .beat, Self.fine)
        #expect(twice == [.sayOver(.lacksRights)])
    }

    @Test("knows that Redis takes writes where the question runs, and nothing of rights where it does not")
    func both() {
        let missing = RedisStanding.Event.answered(missing: ["PUBLISH task:x"])
        #expect(
            actions(.connected, .refused(Self.full), .beat, missing)
                == [.sayOver(.refusesWrites), .sayBegun(.lacksRights(["PUBLISH task:x"]))])
        #expect(actions(.connected, missing, .beat, .refused(Self.full)) == [.sayBegun(.refusesWrites(Self.full))])
        #expect(
            actions(.connected, missing, .beat, .refused(Self.full), .beat, Self.fine, .beat, Self.fine)
                == [.sayOver(.lacksRights), .sayOver(.refusesWrites)])
    }

    @Test("learns nothing from an error that is neither", arguments: ["BUSY x", "LOADING x", "ERR x"])
    func other(line: String) {
        let after = standing(.connected, Self.fine, .beat, .refused(RedisReplyError(line: line)))
        #expect(after.isGood && after.trouble == nil)
    }

    @Test("needs more good answers in a row the sooner the trouble is back, and few again after calm")
    func flapping() {
        var standing = RedisStanding()
        _ = standing.receive(.connected)
        var needed: [Int] = []
        for _ in 0..<6 {
            needed.append(answersUntilGood(&standing))
        }
        #expect(needed == [2, 4, 8, 16, 16, 16])
        for _ in 0..<30 { _ = standing.receive(Self.fine) }
        let afterCalm = answersUntilGood(&standing)
        #expect(afterCalm == 2)
    }

    private func answersUntilGood(_ standing: inout RedisStanding) -> Int {
        _ = standing.receive(.refused(Self.full))
        var count = 0
        while !standing.isGood {
            _ = standing.receive(Self.fine)
            count += 1
        }
        return count
    }

    @Test("a node logs trouble with the first loop that finds it, and its end with the last")
    func loops() {
        let loops = TroubledLoops()
        let begun = [loops.begin(.lacksRights), loops.begin(.lacksRights), loops.begin(.refusesWrites)]
        #expect(begun == [true, false, true])
        let over = [loops.end(.lacksRights), loops.end(.lacksRights), loops.end(.refusesWrites)]
        #expect(over == [false, true, true])
        let again = loops.begin(.lacksRights)
        #expect(again)
    }
}

@Suite("The rights a node needs")
struct NeededRightsTests {
    @Test("the commands are those of the scripts")
    func calls() {
        let script = """
            #!lua
            local a = redis.call('HGET', key('meta'), 'hb')
            redis.pcall('PUBLISH', ARGV[1], '{"x":1}') redis.call('TIME') redis.call('HGET', KEYS[1], 'x')
            if redis.call('PUBSUB', 'NUMSUB', key('a'))[2] == 0 then return 1 end
            """
        #expect(NeededRights.calls(in: [script, script]) == [["HGET"], ["PUBSUB", "NUMSUB"], ["TIME"]])
    }

    @Test("a right to every family of channels and keys is needed, spelled as the node spells them")
    func families() {
        let needed = NeededRights(Naming(keyPrefix: "k", channelPrefix: "app:")!, scripts: ["redis.call('ZADD', x)"])
        let lines = Set(needed.commands.map { $0.joined(separator: " ").trimmingSuffix() })
        for kind in ["task:", "topic:", "user:", "team:"] {
            #expect(lines.contains("SUBSCRIBE app:\(kind)fantail-check"))
            #expect(lines.contains("PUBLISH app:\(kind)fantail-check"))
        }
        #expect(lines.contains("SUBSCRIBE app:everyone") && lines.contains("PUBLISH app:everyone"))
        #expect(lines.contains("SUBSCRIBE k:{app:online}:node:fantail-check"))
        #expect(lines.contains("ZADD k:{app:task:fantail-check}:m"))
        #expect(lines.contains("DEL k:{app:online}:nodes") && lines.contains("DEL k:{app:topic:fantail-check}:m"))
    }

    @Test("a cluster needs more, the most where events travel by its shards")
    func cluster() {
        let needed = NeededRights(.standard, scripts: [])
        func lines(_ pubSub: ClusterPubSub?) -> Set<String> {
            Set(needed.commands(inCluster: pubSub).map { $0.joined(separator: " ").trimmingSuffix() })
        }
        let one = lines(nil)
        #expect(one == Set(needed.commands.map { $0.joined(separator: " ").trimmingSuffix() }))
        #expect(lines(.classic).subtracting(one) == ["CLUSTER SLOTS", "ASKING"])
        let sharded: Set = [
            "CLUSTER NODES", "SSUBSCRIBE task:fantail-check", "SUNSUBSCRIBE task:fantail-check",
            "SPUBLISH task:fantail-check", "SSUBSCRIBE topic:fantail-check", "SUNSUBSCRIBE topic:fantail-check",
            "SPUBLISH topic:fantail-check",
        ]
        #expect(lines(.both).subtracting(lines(.classic)) == sharded && lines(.sharded) == lines(.both))
    }

    @Test("a line names the first of them")
    func summary() {
        #expect(NeededRights.summary(["A a", "B\n b"]) == "A a, B b")
        #expect(NeededRights.summary((0..<20).map { "C\($0)" }) == "C0, C1, C2, C3, C4, C5 and 14 more")
    }
}

extension String {
    fileprivate func trimmingSuffix() -> String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}

@Suite("Advice about Redis")
struct RedisAdviceTests {
    @Test(
        "every policy that throws keys away is named",
        arguments: ["allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-ttl"])
    func eviction(policy: String) {
        #expect(RedisAdvice.eviction(RedisInfo("# Memory\r\nmaxmemory_policy:\(policy)\r\n"))?.contains(policy) == true)
        #expect(RedisAdvice.eviction(RedisInfo("maxmemory_policy:noeviction\r\n")) == nil)
        #expect(RedisAdvice.eviction(RedisInfo("")) == nil)
    }

    @Test("two databases of one Redis hear each other, unless the channels have a prefix")
    func databases() {
        let (one, two) = (RedisInfo("db0:keys=1"), RedisInfo("db0:keys=1\r\ndb3:keys=1"))
        let advice = { RedisAdvice.sharedChannels($0, database: $1, naming: $2)?.contains("--channel-prefix") ?? false }
        #expect(!advice(one, 0, .standard) && advice(one, 1, .standard))
        #expect(advice(two, 0, .standard) && advice(two, 3, .standard))
        #expect(!advice(two, 0, Naming(channelPrefix: "app:")!))
    }
}
