import Events
import Dialects
import JSON
import RedisFixture
import Testing

@testable import Store

/// What is known of a task after one event and another is told three times: by a loop that heard them (`TaskKnowledge`), by
/// the node's script and by the workers' Function. One table runs through all three.
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

    struct Case: Sendable {
        let events: [String]
        /// What is known afterwards.
        let known: TaskKnowledge
        init(_ events: [String], _ known: TaskKnowledge) {
            self.events = events
            self.known = known
        }
    }

    private static let names = (0..<300).map { "s\($0)" }
    private static func list(_ names: [String]) -> String {
        #"{"completedStages":["# + names.map { "\"\($0)\"" }.joined(separator: ",") + "]}"
    }
    private static func stage(_ name: String) -> String { #"{"type":"stage","stage":"\#(name)"}"# }
    private static let long = String(repeating: "x", count: 10_000)

    static let cases: [Case] = [
        // What an event leaves out is what was said last.
        Case(
            [
                #"{"progress":10,"status":"RENDERING","message":"m","currentStep":"A","totalSteps":4,"estimatedTimeRemaining":60}"#,
                #"{"progress":20}"#,
            ],
            TaskKnowledge(
                status: "RENDERING", progress: "20", currentStage: "A", message: "m", totalSteps: "4",
                timeRemaining: "60")),
        Case(
            [#"{"message":"渲染中","progress":1.50}"#, #"{"type":"stage","stage":"A","nextStage":"B","message":"n"}"#],
            TaskKnowledge(progress: "1.50", currentStage: "B", completedStages: ["A"], message: "n")),
        Case([#"{"message":"m"}"#, #"{"message":""}"#], TaskKnowledge()),
        Case(
            [#"{"message":"m"}"#, #"{"message":5,"totalSteps":"4","estimatedTimeRemaining":"soon"}"#],
            TaskKnowledge(message: "m")),
        Case([#"{"message":"m"}"#, #"{"type":"log","message":"no","progress":5}"#], TaskKnowledge(message: "m")),
        Case(
            [#"{"type":"taskProgress","payload":{"message":"m","totalSteps":3},"message":"outer"}"#],
            TaskKnowledge(message: "m", totalSteps: "3")),
        Case([#"{"a":{"progress":8},"progress":7}"#], TaskKnowledge(progress: "7")),
        Case([#"{"progress":0.1000000000000000055511151231257827}"#], TaskKnowledge()),
        // Words that are not remembered.
        Case(
            [#"{"status":"A"}"#, #"{"status":"\#(String(repeating: "y", count: 65))"}"#, #"{"status":"tab\there"}"#],
            TaskKnowledge(status: "A")),
        // What goes on is not waiting.
        Case(
            [#"{"status":"QUEUED","progress":0}"#, #"{"progress":5}"#], TaskKnowledge(status: "RUNNING", progress: "5")),
        Case([#"{"status":"queued"}"#, #"{"message":"m"}"#], TaskKnowledge(status: "RUNNING", message: "m")),
        Case(
            [#"{"status":"QUEUED"}"#, #"{"type":"stage","stage":"A","status":"COMPLETED"}"#],
            TaskKnowledge(status: "RUNNING", completedStages: ["A"])),
        Case(
            [#"{"status":"QUEUED"}"#, #"{"status":"QUEUED","progress":1}"#],
            TaskKnowledge(status: "QUEUED", progress: "1")),
        Case([#"{"status":"QUEUED"}"#, #"{"type":"log"}"#], TaskKnowledge(status: "QUEUED")),
        // Ends, retries, restarts.
        Case(
            [#"{"progress":5,"message":"m","estimatedTimeRemaining":9}"#, #"{"type":"completed"}"#],
            TaskKnowledge(status: "COMPLETED", progress: "100", hasEnded: true, message: "m")),
        Case(
            [
                #"{"progress":5,"message":"m","estimatedTimeRemaining":9,"totalSteps":2,"completedStages":["A"]}"#,
                #"{"type":"failed","error":{"retryable":true},"message":"disk"}"#, #"{"progress":1}"#,
            ],
            TaskKnowledge(progress: "1", completedStages: ["A"], totalSteps: "2")),
        Case(
            [#"{"type":"job_error","data":{"error":"e","message":"why"}}"#],
            TaskKnowledge(status: "FAILED", message: "why")),
        Case(
            [
                #"{"progress":5,"message":"m","totalSteps":3,"estimatedTimeRemaining":9,"completedStages":["A"],"currentStage":"A"}"#,
                #"{"type":"completed"}"#, #"{"restart":true,"progress":0}"#,
            ], TaskKnowledge(progress: "0")),
        Case([#"{"message":"m"}"#, #"{"type":"again","restart":true,"message":"no"}"#], TaskKnowledge()),
        // Completed stages: each once, in order, bounded in number and in bytes, by the same bytes.
        Case(names.map(stage), TaskKnowledge(completedStages: Array(names.prefix(256)))),
        Case([list(names)], TaskKnowledge(completedStages: Array(names.prefix(256)))),
        Case([list(names), stage("more")], TaskKnowledge(completedStages: Array(names.prefix(256)))),
        Case([list(["A", "B", "A"]), stage("B"), stage("C")], TaskKnowledge(completedStages: ["A", "B", "C"])),
        Case(
            [list([long, long + "y", "z"]), stage(long + "w"), stage("v")],
            TaskKnowledge(completedStages: [long, "z", "v"])),
        Case([stage("\u{e9}"), stage("e\u{301}")], TaskKnowledge(completedStages: ["\u{e9}", "e\u{301}"])),
        Case([list(["a/b"]), stage("a/b")], TaskKnowledge(completedStages: ["a/b"])),
        Case([stage("A"), list([])], TaskKnowledge()),
        Case([stage("A"), #"{"completedStages":["B",5]}"#], TaskKnowledge(completedStages: ["A"])),
    ]

    @Test("the loop, the node's script and the Function know the same", arguments: cases.indices)
    func agree(_ number: Int) throws {
        let example = Self.cases[number]
        var live = TaskKnowledge()
        for text in example.events {
            let event = try Event(parser.object(Array(text.utf8)), parser: parser)
            live.note(event)
            #expect(publish(text, event).list.count == 3 && call(text).list.count == 3, "\(text)")
        }
        #expect(live == example.known)
        #expect(stored("task:node") == example.known)
        #expect(stored("task:function") == example.known)
    }

    @Test("times are those of Redis: the beginning, of a restart anew, and the last event of whatever kind")
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

    @Test("of a task that an earlier version began it is not known when")
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

    private func publish(_ text: String, _ event: Event) -> RedisSocket.Reply {
        redis.eval(
            PublishScript(
                [(Array(text.utf8), event)], to: ChannelName("task:node")!, runID: runID, limits: HistoryLimits(),
                naming: .standard))
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
