import Events
import Dialects
import JSON
import RedisFixture
import Testing

@testable import Store

/// The worker's Function and the node's `Event` read events by the same rules, told twice: here both read one table.
@Suite("fantail_publish beside Event", .timeLimit(.minutes(1)))
struct PublishFunctionTests {
    private static let events = [
        #"{}"#, #"{"progress":45}"#, #"{"type":"progress","progress":45.5,"status":"RUNNING"}"#,
        #"{"progress":"45"}"#, #"{"type":null}"#, #"{"type":"stage","stage":"A","nextStage":"B"}"#,
        #"{"type":"stage"}"#, #"{"type":"stage","stage":""}"#, #"{"type":"stage","stage":5}"#,
        #"{"type":"completed","result":{"videoUrl":"u"}}"#, #"{"type":"failed","error":"boom"}"#,
        #"{"type":"failed","error":{"message":"m","retryable":true}}"#, #"{"type":"failed"}"#,
        #"{"type":"failed","error":{"retryable":"true"}}"#, #"{"type":"own","progress":5}"#, #"{"type":5}"#,
        #"{"type":["progress"]}"#, #"{"status":"completed"}"#, #"{"status":"FAILED"}"#, #"{"status":"Failed "}"#,
        #"{"type":"taskProgress","payload":{"progress":5,"currentStep":"s"}}"#,
        #"{"type":"taskProgress","payload":[1]}"#, #"{"type":"taskProgress","progress":7}"#,
        #"{"type":"taskCompleted","payload":{"result":{}}}"#, #"{"type":"taskFailed","payload":{"error":"e"}}"#,
        #"{"type":"taskUpdated","payload":{"status":"COMPLETED"}}"#,
        #"{"type":"job_status","data":{"status":"COMPLETED","completedStages":["A","B"]}}"#,
        #"{"type":"job_status","data":{"currentStage":"C","completedStages":["A",5,"B"]}}"#,
        #"{"type":"stage_completed","data":{"stage":"OUTLINE","nextStage":"STORYBOARD"}}"#,
        #"{"type":"stage_completed","data":{"jobId":"x"}}"#, #"{"type":"job_error","data":{"error":"e"}}"#,
        #"{"currentStage":"x","currentStep":"y"}"#, #"{"currentStep":"y","completedStages":"no"}"#,
        #"{"owner":"alice","team":"t"}"#, #"{"owner":5}"#, #"{"owner":"a b"}"#, #"{"owner":""}"#, #"{"owner":null}"#,
        #"{"owner":{"id":1}}"#, #"{"owner":1.5}"#, #"{"team":"{}"}"#, #"{"restart":true,"progress":1}"#,
        #"{"restart":"true"}"#, #"{"completedStages":{"a":"b"}}"#, "[]", "5", "", "null", #"{"a":}"#, #"{"a":1} x"#,
        #"{"a":1,}"#, " \n\t{\"progress\":1}",
        "{\"a\":\"line\nfeed\"}", "{\"a\":\"tab\there\"}", "{\"a\\\n\":1}", "{\n\t\"a\" :\r 1}",
        #"{"a":"\\","b":"\n"}"#,
        #"{"type":""}"#, #"{"type":"taskProgress","payload":[]}"#, #"{"type":"taskProgress","payload":{}}"#,
        #"{"type":"job_status","data":[ ]}"#, #"{"type":"own","payload":[]}"#, #"{"a":1e999}"#, #"{"a":-1e999}"#,
        #"{"a":1e-999}"#, #"{"a":[1,{"b":1e400}]}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":01}"#, #"{"a":-}"#,
        #"{"a":+1}"#,
        #"{"a":0x10}"#, #"{"a":1.e3}"#, #"{"a":-.5}"#, #"{"a":-0}"#, #"{"a":0.0e0}"#, #"{"a":1E+2}"#, #"{"a":nan}"#,
        #"{"a":"1e999"}"#, #"{"a":"x:y","b":{"c":1,"d":[{"e":":"}]},"":2}"#, #"{"a":[[]],"b":[{}]}"#,
        #"{"message":"渲染中 \u6e32 😀"}"#, "{\"a\":\"\u{7f}\"}",
        #"{"type":"stage","stage":"A","status":"COMPLETED"}"#, #"{"type":"stage","stage":"A","status":"Failed"}"#,
        #"{"type":"stage","stage":"A","status":"RUNNING","progress":5}"#, #"{"status":"","currentStage":""}"#,
        #"{"currentStage":"","currentStep":"x"}"#, #"{"type":"stage","stage":"A","nextStage":""}"#,
        #"{"completedStages":{}}"#, #"{"completedStages":[]}"#, #"{"completedStages" : [ ] }"#,
        #"{"type":"job_status","data":{"completedStages":{}},"completedStages":[]}"#,
        #"{"type":"taskProgress","payload":false}"#, #"{"type":"job_status","data":false}"#,
        #"{"type":"taskProgress","payload":null}"#, #"{"type":"taskProgress","payload":"{}"}"#,
        #"{"type":"job_error","payload":{"data":[1]},"data":{}}"#, #"{"data":[],"type":"job_error"}"#,
        #"{"type":"job_status","x":"\"data\":{","data":[{}]}"#,
        #"{"owner":7.0}"#, #"{"owner":100.0}"#, #"{"owner":1e2}"#, #"{"owner":-5}"#, #"{"owner":-0}"#, #"{"team":0}"#,
        #"{"owner":9007199254740993}"#, #"{"owner":9223372036854775807}"#, #"{"owner":9223372036854775808}"#,
        #"{"owner":-9223372036854775808}"#, #"{"owner":-9223372036854775809}"#, #"{"a":18446744073709551615}"#,
        #"{"a":18446744073709551616}"#, #"{"a":123456789012345678901234567890}"#, #"{"a":12345678901234567890.5}"#,
        #"{"type":"progress","type":"completed"}"#, #"{"progress":1,"a":{"progress":2},"progress":3}"#,
        #"{"progress":1,"pro\u0067ress":2}"#, #"{"type":"job_status","data":{"status":"A","status":"COMPLETED"}}"#,
        #"{"type":"failed","error":{"retryable":true,"retryable":false}}"#, #"{"owner":"a","owner":"b c"}"#,
        #"{"type":"taskFailed","payload":{"error":{"retryable":false,"x":"}]","retryable":true}}}"#,
        #"{"data":[{"a":1,"a":2}],"status":"\"}{","status":"no"}"#, #"{"currentStage":null,"currentStage":"x"}"#,
        #"{"a":false,"a":true,"restart":true,"restart":false}"#, #"{"payload":{},"type":"taskProgress","payload":5}"#,
        #"{"a":1,"\u0061":2}"#, #"{"a":1,"b":{"a":2},"c":[{"a":3,"a":4}]}"#, #"{"":1,"":2}"#, #"{"a":"a\":1,","b":1}"#,
        #"{"a":{"x":1,"x":2},"b":1}"#, #"{"a":{"x":1,"x":2},"b":1,"a":{}}"#, #"{"type":"own","x":[],"x":[]}"#,
        #"{"type":"taskProgress","payload":{"progress":1,"progress":2}}"#, #"{"é":1,"\u00e9":2}"#, #"{"a":1,"A":2}"#,
        #"{"progress":1e400}"#, #"{"progress":-1e400}"#, #"{"progress":1e30}"#, #"{"progress":1e-400}"#,
        #"{"progress":12345678901234567890123456789012}"#, #"{"progress":123456789012345678901234567890123}"#,
        #"{"progress":0.123456789012345678901234567890}"#, #"{"progress":0.1234567890123456789012345678901234567890}"#,
        #"{"progress":33.333333333333336}"#, #"{"progress":50,"a":1e400}"#,
        #"{"progress":50,"a":[-123456789012345678901234567890123456789012345678901234567890]}"#,
        #"{"type":"job_status","data":{"progress":1e999,"status":"RUNNING"},"progress":7}"#,
        #"{"type":"job_status","data":{"progress":7,"status":"RUNNING"},"progress":1e999}"#,
        #"{"type":"own","progress":1e999}"#, #"{"timestamp":99999999999999999999999999}"#,
        #"{"owner":123456789012345678901234567890}"#, #"{"team":1e400}"#, #"{"completedStages":[1e400]}"#,
        #"{"status":1e400,"currentStage":1e400}"#, #"{"type":1e400}"#, #"{"a":1e400x}"#, #"{"a":1e}"#, #"{"a":1e+}"#,
        #"{"a":00000000000000000000000000000000001}"#, #"{"a":-}"#, #"{"a":1.2.3}"#, #"{"a":1e5e5}"#, #"{"a":--1}"#,
        #"{"a":123456789012345678901234567890"b":1}"#, #"{"a":123456789012345678901234567890 1}"#,
        #"{"a":123456789012345678901234567890,}"#, #"[123456789012345678901234567890]"#, #"{"1e400":1e400}"#,
    ]
    /// Nested as deeply as the bound, and more. (Innermost, simdjson takes an empty array or object one level further down.)
    private static let deep = (62...66).flatMap { depth in
        [("[", "]"), (#"{"a":"#, "}")].map { open, close in
            #"{"x":"# + String(repeating: open, count: depth - 1) + "1" + String(repeating: close, count: depth - 1)
                + "}"
        }
    }

    @Test("accepts, refuses and remembers the same")
    func agree() throws {
        let server = try RedisServerProcess()
        let socket = RedisSocket(server)
        socket.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: HistoryLimits()).source)
        for (number, text) in (Self.events + Self.deep).enumerated() { compare(text, task: "t\(number)", socket) }
    }

    @Test("loads what is missing or older, and replaces one of other limits only as a node connects")
    func need() {
        let function = PublishFunction(naming: .standard, limits: HistoryLimits())
        let other = PublishFunction(naming: .standard, limits: HistoryLimits(entries: 7))
        let version = PublishFunction.version
        let own = "\(version) \(HistoryLimits().entries) \(HistoryLimits().bytes) \(HistoryLimits().timeToLive)"
        for isConnecting in [true, false] {
            #expect(function.need(where: nil, isConnecting: isConnecting) == .loading)
            #expect(function.need(where: own, isConnecting: isConnecting) == .nothing)
            #expect(other.need(where: own, isConnecting: isConnecting) == (isConnecting ? .replacing : .nothing))
            #expect(function.need(where: "\(version - 1) 1 1 1", isConnecting: isConnecting) == .replacing)
            #expect(function.need(where: "\(version + 1) 1 1 1", isConnecting: isConnecting) == .nothing)
            for odd in ["", "x", "99999999999999999999 1 1 1"] {
                #expect(function.need(where: odd, isConnecting: isConnecting) == .replacing)
            }
        }
    }

    @Test("remembers the same of one event after another")
    func inOrder() throws {
        let server = try RedisServerProcess()
        let socket = RedisSocket(server)
        socket.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: HistoryLimits()).source)
        let parser = JSONParser(maxBytes: EventLimits.maxEventBytes)
        var known = TaskKnowledge()
        for text in [
            #"{"status":"QUEUED","progress":5,"currentStage":"S","completedStages":["P"]}"#,
            #"{"type":"stage","stage":"A","status":"COMPLETED"}"#, #"{"progress":20}"#,
            #"{"status":"","currentStage":"","completedStages":{}}"#, #"{"type":"stage","stage":"B","nextStage":""}"#,
            #"{"type":"job_error","data":{"error":"e"}}"#, #"{"type":"stage","stage":"C","status":"failed"}"#,
            #"{"completedStages":[],"currentStep":"T"}"#, #"{"restart":true}"#,
        ] {
            #expect(socket.call("FCALL", "fantail_publish", "1", "task:t", text).list.count == 3, "\(text)")
            known.note(try Event(parser.object(Array(text.utf8)), parser: parser))
            func stored(_ field: String) -> String? { socket.call("HGET", "ft:{task:t}:m", field).string }
            #expect(stored("sw") == known.status && stored("pg") == known.progress, "\(text)")
            #expect(stored("cs") == known.currentStage, "\(text)")
            #expect(stored("ds") ?? "[]" == String(decoding: known.completedStagesJSON, as: UTF8.self), "\(text)")
        }
    }

    @Test("a topic has no end and no owner: what its messages say of such is the application's")
    func topics() throws {
        let server = try RedisServerProcess()
        let socket = RedisSocket(server)
        socket.call("FUNCTION", "LOAD", PublishFunction(naming: .standard, limits: HistoryLimits()).source)
        // As earlier versions left it.
        socket.call("HSET", "ft:{topic:orders}:m", "end", "completed")
        for (number, text) in [
            #"{"orderId":1,"status":"COMPLETED"}"#, #"{"orderId":2,"status":"shipped"}"#, #"{"type":"failed"}"#,
            #"{"orderId":3,"owner":"John Smith","team":7.5}"#,
        ].enumerated() {
            let reply = socket.call("FCALL", "fantail_publish", "1", "topic:orders", text)
            #expect(reply.list.dropFirst().first?.int == number + 1, "\(text) \(reply)")
        }
        for field in ["end", "ow", "tm"] { #expect(socket.call("HEXISTS", "ft:{topic:orders}:m", field).int == 0) }
        #expect(socket.call("HGET", "ft:{topic:orders}:m", "st").string?.contains("John Smith") == true)
    }

    private func compare(_ text: String, task: String, _ socket: RedisSocket) {
        let parser = JSONParser(maxBytes: EventLimits.maxEventBytes)
        let reply = socket.call("FCALL", "fantail_publish", "1", "task:\(task)", text)
        let event = (try? parser.object(Array(text.utf8))).flatMap { try? Event($0, parser: parser) }
        guard let event else {
            guard case .error(let message) = reply else {
                Issue.record("the Function accepts what a node refuses: \(text)")
                return
            }
            #expect(message.hasPrefix("INVALID"))
            return
        }
        #expect(reply.list.count == 3, "the Function refuses what a node accepts: \(text) \(reply)")
        var known = TaskKnowledge()
        known.note(event)
        func stored(_ field: String) -> String? { socket.call("HGET", "ft:{task:\(task)}:m", field).string }
        #expect((stored("st") != nil) == event.isStateBearing, "\(text)")
        #expect((stored("end") != nil) == known.hasEnded, "\(text)")
        #expect(stored("cs") == known.currentStage, "\(text)")
        #expect(stored("ds") ?? "[]" == String(decoding: known.completedStagesJSON, as: UTF8.self), "\(text)")
        #expect(stored("ow") == event.owner?.text && stored("tm") == event.team?.text, "\(text)")
        #expect(stored("sw") == known.status, "\(text)")
        let progress = [stored("pg"), known.progress].map { $0.flatMap { Double($0) } }
        #expect((progress[0] == nil) == (progress[1] == nil), "\(text)")
        // The Function writes a number anew, with the 15 digits that every Double has.
        if let one = progress[0], let other = progress[1] { #expect(abs(one - other) <= 1e-14 * abs(other), "\(text)") }
    }
}
