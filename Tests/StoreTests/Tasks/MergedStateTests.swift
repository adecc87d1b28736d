import Events
import Examples
import JSON
import RedisFixture
import Testing

@testable import Store

/// The knowledge of a task after one event and another: the node's script follows the rules of the table, like a loop
/// that heard the events (`EventRulesTests`) and the workers' Function (`PublishFunctionTests`).
@Suite("One state, whoever merged it", .timeLimit(.minutes(1)))
struct MergedStateTests {
    private let server: RedisServerProcess
    private let redis: RedisSocket
    private let runID: String
    private let parser = JSONParser(maxBytes: 1 << 20)

    init() throws {
        server = try RedisServerProcess()
        redis = RedisSocket(server)
        redis.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: HistoryLimits()).source)
        runID = redis.runID
    }

    @Test("the node's script keeps of an event what the table says")
    func rules() throws {
        for (number, example) in EventCase.all.enumerated() {
            guard let known = example.meaning?.known else { continue }
            let channel = example.isOfTopic ? "topic:\(number)" : "task:\(number)"
            for text in example.before + [example.event] {
                let event = try Event(parser.object(text), parser: parser, isOfTask: !example.isOfTopic)
                #expect(publish(text, event, to: channel).list.count == 3, "\(example)")
            }
            #expect(stored(channel) == known, "\(example)")
        }
    }

    @Test("times are Redis': the start, a restart's too, and the last event of any kind")
    func times() throws {
        func milliseconds(_ field: String) -> Int? {
            redis.call("HGET", "ft:{task:function}:m", field).string.flatMap { Int($0) }
        }
        func now() -> Int {
            let time = redis.call("TIME").list.compactMap(\.int)
            return time[0] * 1000 + time[1] / 1000
        }
        let before = now()
        call(#"{"status":"QUEUED"}"#)
        let began = try #require(milliseconds("sa"))
        #expect(began >= before && began == milliseconds("sm") && milliseconds("um") == nil)
        while now() <= began {}
        call(#"{"type":"log"}"#)
        let logged = try #require(milliseconds("um"))
        #expect(logged > began && milliseconds("sa") == began)
        while now() <= logged {}
        call(#"{"progress":1,"restart":true}"#)
        #expect(try #require(milliseconds("sa")) > logged && milliseconds("sa") == milliseconds("sm"))
    }

    @Test("the start is unknown for a task of an earlier version")
    func earlierVersion() {
        redis.call("HSET", "ft:{task:function}:m", "e", "a1", "s", "3", "rid", runID, "sw", "QUEUED")
        call(#"{"progress":1}"#)
        #expect(redis.call("HEXISTS", "ft:{task:function}:m", "sa").int == 0)
        #expect(stored("task:function") == TaskKnowledge(status: "RUNNING", progress: "1"))
    }

    @discardableResult
    private func call(_ text: String) -> RedisSocket.Reply {
        redis.call("FCALL", "fantail_publish", "1", "task:function", text)
    }

    private func publish(_ text: [UInt8], _ event: Event, to channel: String) -> RedisSocket.Reply {
        redis.eval(
            PublishScript(
                [(text, event)], to: ChannelName(channel)!, runID: runID, limits: HistoryLimits(), naming: .standard))
    }

    /// What a loop reads, without the times.
    private func stored(_ channel: String) -> TaskKnowledge? {
        let place = ReadScript.Place(since: nil, bytes: 0, newEpoch: false)
        let script = ReadScript(ChannelName(channel)!, from: place, runID: runID, naming: .standard)
        guard let answer = redis.run(script)?.answer else { return nil }
        var fields = answer.known
        (fields.startedAt, fields.updatedAt) = (nil, nil)
        return TaskKnowledge(fields, hasEnded: answer.hasEnded, parser: parser)
    }
}
