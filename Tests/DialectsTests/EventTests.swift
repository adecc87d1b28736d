import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("Event")
struct EventTests {
    private let words = Words()

    private func event(_ text: String) throws -> Event { try Event(words.object(text), parser: words.parser) }

    @Test(
        "the kind is what the type says, or a final status",
        arguments: [
            (#"{}"#, "progress"), (#"{"type":"progress"}"#, "progress"), (#"{"status":"completed"}"#, "completed"),
            (#"{"type":"job_status","data":{"status":"FAILED"}}"#, "failed"),
            (#"{"type":"stage","stage":"A"}"#, "stage"),
            (#"{"type":"completed"}"#, "completed"), (#"{"type":"failed"}"#, "failed"),
            (#"{"type":"log"}"#, "other(\"log\")"),
            (#"{"type":"taskProgress","payload":{"progress":1}}"#, "progress"),
            (#"{"type":"taskCompleted","payload":{}}"#, "completed"),
            (#"{"type":"taskFailed","payload":{}}"#, "failed"),
            (#"{"type":"job_error","data":{"error":"x"}}"#, "failed"),
            (#"{"type":"stage_completed","data":{"stage":"A"}}"#, "stage"),
        ])
    func kinds(_ text: String, _ kind: String) throws { #expect("\(try event(text).kind)" == kind) }

    @Test("an end is an end unless a retry may follow")
    func ends() throws {
        #expect(try event(#"{"type":"completed"}"#).isTerminal)
        #expect(try event(#"{"type":"failed","error":"x"}"#).isTerminal)
        #expect(try !event(#"{"type":"failed","error":{"message":"x","retryable":true}}"#).isTerminal)
        #expect(try !event(#"{"type":"job_error","data":{"error":"x"}}"#).isTerminal)
        #expect(try !event(#"{"progress":100}"#).isTerminal)
        #expect(try event(#"{"progress":0,"restart":true}"#).isRestart)
    }

    @Test("what is said under a topic is no end, and names nobody")
    func ofTopic() throws {
        for text in [#"{"status":"COMPLETED","owner":"John Smith"}"#, #"{"type":"failed","team":[]}"#] {
            let event = try Event(words.object(text), parser: words.parser, isOfTask: false)
            #expect(!event.isTerminal && event.isStateBearing && event.owner == nil && event.team == nil)
            #expect(throws: EventError.self) { try self.event(text) }
        }
    }

    @Test("an empty word is left out")
    func empty() throws {
        #expect(try event(#"{"currentStage":"","currentStep":"x"}"#).currentStage == "x")
        #expect(try event(#"{"currentStep":""}"#).currentStage == nil)
        #expect(try event(#"{"type":"stage","stage":"A","nextStage":""}"#).nextStage == nil)
    }

    @Test(
        "what is no event is refused",
        arguments: [#"{"type":1}"#, #"{"type":""}"#, #"{"type":"stage"}"#, #"{"type":"taskProgress","payload":1}"#])
    func refused(_ text: String) { #expect(throws: EventError.self) { try event(text) } }

    @Test(
        "an event with a field that stands twice is refused, whatever its type",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"type":"own","x":1,"\u0078":2}"#, #"{"type":"completed","type":"progress"}"#,
            #"{"type":"taskProgress","payload":{},"payload":{}}"#,
        ])
    func repeated(_ text: String) {
        #expect { try event(text) } throws: { ($0 as? EventError)?.message.contains("stands twice") == true }
    }

    @Test("of a field that stands twice further down the first counts")
    func repeatedBelow() throws {
        #expect(try event(#"{"type":"taskProgress","payload":{"status":"A","status":"B"}}"#).status == "A")
    }

    @Test(
        "a progress that no Double holds, or of more digits than there is room for, counts as left out",
        arguments: [
            ("1e400", false), ("-1e400", false), ("1e30", true), ("1e-400", true), ("33.333333333333336", true),
            (String(repeating: "9", count: 32), true), (String(repeating: "9", count: 33), false),
        ])
    func progress(_ number: String, _ isProgress: Bool) throws {
        let event = try event(#"{"progress":\#(number)}"#)
        #expect((event.progress != nil) == isProgress && event.kind == .progress)
        #expect(String(decoding: event.object.bytes, as: UTF8.self).contains(number))
    }

    @Test("only plain progress may be replaced by newer")
    func conflatable() throws {
        #expect(try event(#"{"progress":1}"#).isConflatable)
        for text in [
            #"{"type":"completed"}"#, #"{"type":"stage","stage":"A"}"#, #"{"type":"log"}"#, #"{"restart":true}"#,
        ] {
            #expect(try !event(text).isConflatable)
        }
    }
}

@Suite("One event, two shapes")
struct ShapeTests {
    private let words = Words()

    private func jobs(_ delivery: Delivery) -> JSONObject { words.encode(.delivery(delivery), .jobs)[0] }
    private func tasks(_ delivery: Delivery) -> [JSONObject] { words.encode(.delivery(delivery), .tasks) }
    private func inner(_ message: JSONObject, _ key: StaticString) -> JSONObject { message[key]!.object(words.parser)! }

    @Test("job_status always has status, currentStage and completedStages")
    func jobStatus() {
        let bare = inner(jobs(words.delivery("{}")), "data")
        #expect(bare["status"]?.string == "RUNNING" && bare["currentStage"]?.isNull == true)
        #expect(bare["completedStages"]?.strings == [])
        let later = inner(
            jobs(words.delivery(#"{"progress":9}"#, after: [#"{"type":"stage","stage":"A","nextStage":"B"}"#])), "data")
        #expect(later["currentStage"]?.string == "B" && later["completedStages"]?.strings == ["A"])
    }

    @Test("taskProgress always has status and progress, the last known where the event leaves them out")
    func taskProgress() {
        let bare = inner(tasks(words.delivery("{}"))[0], "payload")
        #expect(bare["status"]?.string == "PROCESSING" && bare["progress"]?.integer == 0)
        let later = inner(
            tasks(words.delivery(#"{"message":"x"}"#, after: [#"{"progress":40,"status":"QUEUED"}"#]))[0], "payload")
        #expect(later["status"]?.string == "PROCESSING" && later["progress"]?.integer == 40)
    }

    @Test(
        "errors are a string to jobs and an object to tasks, whatever was published",
        arguments: [#""boom""#, #"{"message":"boom"}"#, "null", "7"])
    func errors(_ error: String) {
        let delivery = words.delivery(#"{"type":"failed","error":\#(error)}"#)
        #expect(inner(jobs(delivery), "data")["error"]?.kind == .string)
        let object = inner(inner(tasks(delivery)[0], "payload"), "error")
        #expect(
            object["code"]?.kind == .string && object["message"]?.kind == .string && object["retryable"]?.kind == .bool)
    }

    @Test("a state is marked, and told to tasks as taskUpdated and as what it amounts to")
    func snapshot() {
        let delivery = words.delivery(#"{"type":"completed","result":{"videoUrl":"u"}}"#, sequence: 7, snapshot: true)
        let messages = tasks(delivery)
        #expect(messages.map { $0["type"]?.string } == ["taskUpdated", "taskCompleted"])
        for body in messages.map({ inner($0, "payload") }) + [inner(jobs(delivery), "data")] {
            #expect(body["snapshot"]?.bool == true && body["epoch"]?.string == "e1" && body["sequence"]?.integer == 7)
        }
    }

    @Test("an epoch nobody has been told of is named, one that replaces another is marked; what follows is not")
    func epoch() {
        let marks: [(Delivery.EpochMark, UInt64, String?, Bool?)] = [
            (.first, 7, "e1", nil), (.changed, 7, "e1", true), (.none, 7, nil, nil), (.none, 1, "e1", nil),
        ]
        for (mark, sequence, epoch, snapshot) in marks {
            var delivery = words.delivery(#"{"progress":5,"epoch":"mine"}"#, sequence: sequence)
            delivery.epochMark = mark
            #expect(inner(jobs(delivery), "data")["epoch"]?.string == epoch)
            #expect(inner(jobs(delivery), "data")["snapshot"]?.bool == snapshot)
            #expect(inner(tasks(delivery)[0], "payload")["epoch"]?.string == epoch)
            #expect(words.encode(.delivery(delivery), .topics)[0]["epoch"]?.string == epoch)
        }
    }

    @Test("fields of the worker's own travel along, and no key stands twice, however it is spelled")
    func fields() {
        let text =
            #"{"\u0070rogress":1,"jobId":"x","videoId":"y","sequence":"z","own":{"a":[1]},"timestamp":"2025-01-02T03:04:05Z"}"#
        let delivery = words.delivery(text, sequence: 3)
        for message in DialectName.allCases.flatMap({
            $0.dialect.encode(.delivery(delivery), stamp: MessageStamp(now: words.now, origin: "test", serial: 1))
        }) {
            let object = try! words.parser.object(message)
            guard let body = object["data"] ?? object["payload"] else { continue }
            for key in ["\"progress\"", "\\u0070rogress", "\"sequence\"", "\"timestamp\"", "\"own\""] {
                let count = String(decoding: message, as: UTF8.self).components(key)
                #expect(count <= 1, "\(key) in \(String(decoding: message, as: UTF8.self))")
            }
            // Topics has it beside the data.
            #expect((object["sequence"] ?? body.object(words.parser)?["sequence"])?.integer == 3)
            #expect(body.object(words.parser)?["own"]?.kind == .object)
        }
        #expect(inner(jobs(delivery), "data")["timestamp"]?.string == "2025-01-02T03:04:05.000Z")
        #expect(tasks(delivery)[0]["timestamp"]?.integer == 1_735_787_045_000)
    }
}

extension String {
    /// How often `part` occurs.
    fileprivate func components(_ part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
