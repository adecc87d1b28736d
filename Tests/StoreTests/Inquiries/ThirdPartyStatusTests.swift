import Events
import Dialects
import Examples
import JSON
import Testing

@testable import Store

@Suite("ThirdPartyStatus")
struct ThirdPartyStatusTests {
    private let parser = JSONParser(maxBytes: 1 << 20)

    private func read(_ text: String) throws(ThirdPartyFault) -> ThirdPartyStatus {
        try ThirdPartyStatus(Array(text.utf8), parser: parser)
    }

    @Test(
        "the three words are understood",
        arguments: [
            (#"{"status":"processing","progress":45}"#, ThirdPartyStatus.processing(progress: "45")),
            (#"{"status":"processing","progress":45.5}"#, .processing(progress: "45.5")),
            (#"{"status":"Processing","progress":0}"#, .processing(progress: nil)),
            (#"{"status":"processing","progress":-3}"#, .processing(progress: nil)),
            (#"{"status":"processing","progress":1e9}"#, .processing(progress: "100")),
            (#"{"status":"processing","progress":"45"}"#, .processing(progress: nil)),
            (#"{"status":"processing","progress":null}"#, .processing(progress: nil)),
            (#"{"status":"completed","video_url":"u","progress":1}"#, .completed(videoURL: "u")),
            (#"{"status":"completed","video_url":""}"#, .completed(videoURL: nil)),
            (#"{"status":"completed","video_url":7}"#, .completed(videoURL: nil)),
            (#"{"status":"failed","error":"e"}"#, .failed(error: "e")),
            (#"{"status":"failed","error":{"message":"m","retryable":true}}"#, .failed(error: "m")),
            (#"{"status":"failed","error":[]}"#, .failed(error: nil)),
        ])
    func words(_ text: String, _ status: ThirdPartyStatus) throws { #expect(try read(text) == status) }

    @Test(
        "everything else is a fault",
        arguments: [
            ("", ThirdPartyFault.notAnObject), ("[]", .notAnObject), ("{", .notAnObject), ("{}", .noStatus),
            (#"{"status":1}"#, .noStatus), (#"{"status":"queued"}"#, .unknownStatus),
            (#"{"status":""}"#, .unknownStatus),
            (#"{"status":"completed","video_url":""# + String(repeating: "u", count: 16_385) + #""}"#, .urlTooLong),
            (#"{"status":"completed","video_url":"http://a/\u0001"}"#, .notAURL),
            (#"{"status":"completed","video_url":"http://a/\u007f"}"#, .notAURL),
        ])
    func faults(_ text: String, _ fault: ThirdPartyFault) {
        #expect(throws: fault) { try read(text) }
    }

    @Test("every answer within its bound makes an event within its bound")
    func fitsAnEvent() throws {
        let control = String(repeating: #"\u0001"#, count: 100_000)
        let digits = String(repeating: "1", count: 500_000)
        let quotes = String(repeating: #"\""#, count: 16_384)
        for text in [
            #"{"status":"failed","error":"\#(control)"}"#, #"{"status":"completed","video_url":"\#(quotes)"}"#,
            #"{"status":"processing","progress":1.\#(digits)}"#,
        ] {
            let event = try #require(try read(text).event(after: TaskKnowledge()))
            _ = try Event(parser.object(event), parser: parser)
        }
    }

    @Test("the document's examples are understood")
    func examples() throws {
        let read = try Examples.section("third_party", of: "tasks").map { try self.read($0) }
        #expect(
            read == [
                .completed(videoURL: "http://example/xxx.mp4"), .processing(progress: "30"),
                .failed(error: "model overloaded"),
            ])
    }

    @Test("a long error is cut between characters")
    func longError() throws {
        guard
            case .failed(let error?) = try read(
                #"{"status":"failed","error":""# + String(repeating: "视", count: 2000) + #""}"#)
        else {
            Issue.record("not a failure")
            return
        }
        #expect(error.utf8.count == 4095 && error.allSatisfy { $0 == "视" })
    }

    @Test(
        "progress is told only where it is news",
        arguments: [
            ("40", "PROCESSING", "40", nil), ("40.0", "RUNNING", "40", nil), (nil, "processing", "40", nil),
            (nil, nil, nil, nil), ("41", "PROCESSING", "40", "41"), ("39", "PROCESSING", "40", "39"),
            ("40", "QUEUED", "40", "40"), (nil, "QUEUED", "7", "7"), (nil, "QUEUED", nil, "0"),
        ] as [(String?, String?, String?, String?)])
    func news(_ said: String?, _ status: String?, _ stored: String?, _ told: String?) {
        let known = TaskKnowledge(status: status, progress: stored)
        let event = ThirdPartyStatus.processing(progress: said).event(after: known)
        let expected = told.map { #"{"type":"progress","status":"PROCESSING","progress":\#($0)}"# }
        #expect(event.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test("an end becomes the matching event")
    func ends() throws {
        let known = TaskKnowledge(status: "PROCESSING", progress: "7")
        func event(_ status: ThirdPartyStatus) throws -> Event {
            let text = try #require(status.event(after: known))
            return try Event(parser.object(text), parser: parser)
        }
        let completed = try event(.completed(videoURL: "http://v/\"1\".mp4"))
        #expect(completed.kind == .completed && completed.isTerminal)
        #expect(completed.body["result"]?.object(parser)?["videoUrl"]?.string == "http://v/\"1\".mp4")
        let failed = try event(.failed(error: "no\nroom"))
        #expect(failed.kind == .failed && failed.isTerminal && failed.failure?.message == "no\nroom")
        #expect(failed.progress?.integer == 7)
        #expect(try event(.failed(error: nil)).isTerminal)
    }

    @Test(
        "tasks that are queued or under way wait for their third party",
        arguments: [
            ("QUEUED", true), ("processing", true), ("Running", true), (nil, true), ("COMPLETED", false),
            ("FAILED", false), ("PAUSED", false), ("", false),
        ] as [(String?, Bool)])
    func awaited(_ status: String?, _ isAwaited: Bool) { #expect(ThirdPartyStatus.isAwaited(status) == isAwaited) }
}
