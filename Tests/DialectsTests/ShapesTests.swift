import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

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

    @Test("a state is marked, and tasks gets it as taskUpdated and as the matching event")
    func snapshot() {
        let delivery = words.delivery(#"{"type":"completed","result":{"videoUrl":"u"}}"#, sequence: 7, snapshot: true)
        let messages = tasks(delivery)
        #expect(messages.map { $0["type"]?.string } == ["taskUpdated", "taskCompleted"])
        for body in messages.map({ inner($0, "payload") }) + [inner(jobs(delivery), "data")] {
            #expect(body["snapshot"]?.bool == true && body["epoch"]?.string == "e1" && body["sequence"]?.integer == 7)
        }
    }

    @Test("a new epoch is named, one that replaces another is marked; later events are not")
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

    @Test("the worker's own fields are passed on, and no key is duplicated, however it is spelled")
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
