import Events
import JSON
import RedisFixture
import Testing

@testable import RESP
@testable import Store

/// Whose numbers are gone on with: those of the Redis that runs the script, and of the other masters of its cluster.
@Suite("Who wrote a task last", .timeLimit(.minutes(1)))
struct WritersTests {
    private let task = ChannelName.task(Identifier("t")!)
    private let naming = Naming.standard
    private let parser = JSONParser(maxBytes: 1_000)
    private let server: RedisServerProcess
    private let redis: RedisSocket

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
    }

    /// Runs a script as a connection does that knows these run ids.
    private func run<Request: ScriptRequest>(_ request: Request, by runIDs: String) -> Request.Reply? {
        var bytes: [UInt8] = []
        ScriptCall(script: Request.script, keys: request.keys, arguments: request.arguments)
            .appendEVAL(runBy: runIDs, to: &bytes)
        return request.reply(redis.send(bytes).value)
    }

    private func publish(by runIDs: String) throws -> Position {
        let json = Array(#"{"progress":1}"#.utf8)
        let script = PublishScript(
            [(json, try Event(parser.object(json), parser: parser))], to: task, runID: "told", limits: HistoryLimits(),
            naming: naming)
        return try #require(run(script, by: runIDs)).position
    }

    private func needsEpoch(by runIDs: String) throws -> Bool {
        let place = ReadScript.Place(since: nil, bytes: 1_000, newEpoch: false)
        return try #require(run(ReadScript(task, from: place, runID: "told", naming: naming), by: runIDs))
            == .needsEpoch
    }

    @Test("is the Redis that the connection knows, whatever the caller was told")
    func own() throws {
        _ = try publish(by: "a")
        #expect(redis.call("HGET", naming.metaKey(of: task), "rid").string == "a")
    }

    @Test(
        "may be another master of the cluster; nobody else, nor a part of its name",
        arguments: [
            ("a", true), ("a b", true), ("b a", true), ("b c a d", true), ("b", false), ("b c", false), ("aa", false),
            ("b aa", false), ("b aa a", true), ("", false),
        ])
    func known(runIDs: String, isKnown: Bool) throws {
        let first = try publish(by: "a")
        #expect(try needsEpoch(by: runIDs) == !isKnown)
        let begun = try #require(run(EpochScript(task, runID: "told", naming: naming), by: runIDs) as Bool?)
        #expect(begun == !isKnown)
        let next = try publish(by: runIDs)
        #expect((next.epoch == first.epoch) == isKnown && next.sequence == (isKnown ? 2 : 1))
        // From now on it counts as written here.
        let own = String(runIDs.prefix { $0 != " " })
        #expect(redis.call("HGET", naming.metaKey(of: task), "rid").string == own)
        #expect(try publish(by: own).epoch == next.epoch)
    }

    @Test(
        "is another master that gave the slot away: nodes hear of it once, where a message goes to one master alone",
        arguments: [
            ("a b SPUBLISH", ["moved task:t"]), ("a b", []), ("b a SPUBLISH", []), ("a SPUBLISH", []), ("a", []),
        ])
    func moved(runIDs: String, heard: [String]) throws {
        let listener = RedisSocket(server)
        _ = try publish(by: "b")
        listener.call("SUBSCRIBE", naming.announcementsChannel)
        for _ in 0..<2 { _ = try publish(by: runIDs) }
        redis.call("PUBLISH", naming.announcementsChannel, "end")
        var found: [String] = []
        while let text = listener.message().list.last?.string, text != "end" { found.append(text) }
        #expect(found == heard)
    }

    @Test("is told to the workers' Function when it is asked for its version, and forgotten with the process")
    func function() throws {
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: naming, limits: HistoryLimits()).source)
        func sequence() -> Int? {
            redis.call("FCALL", "fantail_publish", "1", "task:t", "{}").list.dropFirst().first?.int
        }
        let key = naming.metaKey(of: task)
        #expect(sequence() == 1)
        redis.call("HSET", key, "rid", "other")
        #expect(redis.call("FCALL", "fantail_publish_version", "0", redis.runID, "other").string != nil)
        #expect(sequence() == 2 && redis.call("HGET", key, "rid").string == redis.runID)
        // Asked without them, it keeps what it was told.
        redis.call("FCALL", "fantail_publish_version", "0")
        redis.call("HSET", key, "rid", "other")
        #expect(sequence() == 3)
        redis.call("HSET", key, "rid", "stranger")
        #expect(sequence() == 1)
        redis.call("FUNCTION", "LOAD", "REPLACE", PublishFunction(naming: naming, limits: HistoryLimits()).source)
        redis.call("HSET", key, "rid", "other")
        #expect(sequence() == 1)
    }
}
