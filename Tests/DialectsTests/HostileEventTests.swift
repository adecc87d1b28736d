import JSON
import Testing

@testable import Dialects

/// What every dialect must say of events that set the very fields which are ours, or are huge, odd or of wrong kinds.
@Suite("Every dialect, of whatever was published")
struct HostileEventTests {
    private let words = Words()

    private static let channels = ["task:v", "topic:t?a=%7B", "topic:t", "user:7", "team:8", "everyone"]

    /// Every field that some dialect sets, each of a kind that no dialect gives it.
    private static let ours =
        #""entityType":[],"entityId":[],"topic":1,"params":1,"messageId":1,"jobId":[],"videoId":[],"sequence":"s","epoch":1"#
        + #","snapshot":1,"timestamp":"t","createdAt":[],"created_at":[],"id":-9223372036854775808,"user_id":[],"level":7"#
        + #","from_user_id":{},"from_username":5,"notification_type":[],"link":7,"title":[],"content":{},"message":{}"#
        + #","is_typing":"x","status":{},"progress":"p","currentStage":5,"currentStep":[],"completedStages":{},"result":7"#
        + #","error":[],"metrics":5,"videoUrl":5,"retryable":"x","code":[],"details":7,"ack":"yes","task_id":5"#

    private static let types = [
        "progress", "completed", "failed", "notification", "status", "data", "chat", "typing", "presence",
        "user_status",
        "own",
    ]

    /// The events: each type's fields beside it, and inside `data` and `payload`.
    private static let events: [String] =
        types.flatMap { type in
            [
                #"{"type":"\#(type)",\#(ours)}"#, #"{"type":"\#(type)","data":{"type":5,\#(ours)}}"#,
                #"{"type":"\#(type)","data":{"title":"T","id":"x","createdAt":[],"entityId":5,"level":""},"title":"U"}"#,
                #"{"type":"\#(type)","data":[{}]}"#,
                #"{"type":"\#(type)","data":null,"payload":{\#(ours)}}"#,
            ]
        } + [
            #"{\#(ours)}"#, #"{"type":"job_status","data":{\#(ours)}}"#,
            #"{"type":"taskProgress","payload":{\#(ours)}}"#,
            #"{"type":"job_error","data":{\#(ours)}}"#, #"{"type":"taskFailed","payload":{\#(ours)}}"#,
            #"{"type":"stage","stage":"A",\#(ours)}"#,
        ]

    /// The message with every field of every object in it written anew: the same bytes, unless a key stands twice.
    private func rewrite(_ object: JSONObject, to writer: inout JSONWriter) {
        writer.beginObject()
        for field in object.fields {
            writer.key(raw: field.rawKey)
            if let inner = field.value.object(words.parser) {
                rewrite(inner, to: &writer)
            } else {
                writer.value(field.value)
            }
        }
        writer.endObject()
    }

    @Test("says one JSON object with no key twice, whatever fields a worker sets", arguments: DialectName.allCases)
    func noKeyTwice(_ dialect: DialectName) throws {
        let stamp = MessageStamp(now: words.now, origin: "o", serial: 1)
        for name in Self.channels {
            let channel = try #require(ChannelName(name))
            for event in Self.events {
                let delivery = words.delivery(
                    event, on: channel, sequence: channel.isPersonal ? nil : 3, snapshot: false)
                var messages = [ServerMessage.delivery(delivery)]
                if channel.kind == .task {
                    messages.append(.delivery(words.delivery(event, on: channel, sequence: 3, snapshot: true)))
                    messages.append(.taskUpdate(delivery, request: nil))
                }
                for text in messages.flatMap({ dialect.dialect.encode($0, stamp: stamp) }) {
                    let object = try words.parser.object(text)
                    var writer = JSONWriter(capacity: text.count)
                    rewrite(object, to: &writer)
                    #expect(writer.bytes == text, "\(name): \(event): \(String(decoding: text, as: UTF8.self))")
                    #expect(object["type"]?.kind == .string)
                }
            }
        }
    }

    @Test(
        "gives a worker's values back as they were: braces, escapes, nesting, any script",
        arguments: DialectName.allCases)
    func valuesTravel(_ dialect: DialectName) throws {
        let value = #"{"a{}":[{"b":[[1e-7,-0,"\u0000\"\\\ud83d\ude00中é"]]},"}{",""],"":{}}"#
        let event = #"{"type":"progress","own\"key{}":\#(value)}"#
        let texts = dialect.dialect.encode(
            .delivery(words.delivery(event, sequence: 1)), stamp: MessageStamp(now: 1, origin: "o", serial: 1))
        #expect(texts.isEmpty == (dialect == .presence))
        for text in texts {
            #expect(String(decoding: text, as: UTF8.self).contains(#""own\"key{}":\#(value)"#))
        }
    }

    @Test("names the longest ids, and those with quotes, in full", arguments: DialectName.allCases)
    func longIDs(_ dialect: DialectName) throws {
        for id in [String(repeating: "x", count: 128), String(repeating: "\"\\", count: 64)] {
            let delivery = words.delivery(#"{"progress":5}"#, on: .task(try #require(Identifier(id))), sequence: .max)
            for message in words.encode(.delivery(delivery), dialect) {
                let body = try #require((message["data"] ?? message["payload"])?.object(words.parser))
                #expect((body["jobId"] ?? body["videoId"] ?? body["entityId"])?.string == id)
                let sequence = (message["sequence"] ?? body["sequence"])?.raw
                #expect(sequence.map { String(decoding: $0, as: UTF8.self) } == "18446744073709551615")
            }
        }
    }

    @Test("cuts a word it does not know also where one letter is thousands of bytes", arguments: DialectName.allCases)
    func longLetter(_ dialect: DialectName) {
        let letter = "e" + String(repeating: "\u{301}", count: 10_000)
        do throws(DialectFault) {
            _ = try dialect.dialect.decode(words.object(#"{"type":"\#(letter)"}"#), parser: words.parser)
            Issue.record("understood")
        } catch { #expect(error.fault.message.utf8.count < 400) }
    }
}
