import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

/// What every dialect must write for events that set Fantail's own fields, or are huge, odd or of wrong kinds.
@Suite("Every dialect, with any published event")
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

    /// The message with every field of every object in it rewritten: the same bytes, unless a key is duplicated.
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

    @Test("writes one JSON object without duplicate keys for any fields", arguments: DialectName.allCases)
    func noKeyTwice(_ dialect: DialectName) throws {
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
                try check(messages, dialect, "\(name): \(event)")
            }
        }
    }

    /// Every message is one JSON object with a type and without duplicate keys.
    private func check(_ messages: [ServerMessage], _ dialect: DialectName, _ what: String) throws {
        let stamp = MessageStamp(now: words.now, origin: "o", serial: 1)
        for text in messages.flatMap({ dialect.dialect.encode($0, stamp: stamp) }) {
            let object = try words.parser.object(text)
            var writer = JSONWriter(capacity: text.count)
            rewrite(object, to: &writer)
            #expect(writer.bytes == text, "\(what): \(String(decoding: text, as: UTF8.self))")
            #expect(object["type"]?.kind == .string, "\(what)")
        }
    }

    @Test("survives any fields with any values, alone and inside each other", arguments: DialectName.allCases)
    func anything(_ dialect: DialectName) throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var random = RandomEvents(seed: seed, keys: words.object("{\(Self.ours)}").fields.map(\.key), types: Self.types)
        var count = 0
        for _ in 0..<2_000 {
            let text = random.object(depth: 2)
            let channel = try #require(ChannelName(random.pick(Self.channels)))
            guard let event = try? Event(words.object(text), parser: words.parser) else { continue }
            count += 1
            var knowledge = TaskKnowledge()
            knowledge.apply(event)
            let delivery = Delivery(
                channel: channel, event: event, knowledge: knowledge,
                position: channel.isPersonal ? nil : Position(epoch: "e", sequence: 1),
                timestamp: random.pick([0, .min, .max]),
                isSnapshot: channel.kind == .task && random.pick([true, false]))
            var messages = [ServerMessage.delivery(delivery)]
            if channel.kind == .task { messages.append(.taskUpdate(delivery, request: nil)) }
            try check(messages, dialect, "seed \(seed): \(channel): \(text)")
        }
        #expect(count > 1_000, "seed \(seed)")
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

    @Test("cuts an unknown type, even where one letter is thousands of bytes", arguments: DialectName.allCases)
    func longLetter(_ dialect: DialectName) {
        let letter = "e" + String(repeating: "\u{301}", count: 10_000)
        do throws(DialectFault) {
            _ = try dialect.dialect.decode(words.object(#"{"type":"\#(letter)"}"#), parser: words.parser)
            Issue.record("understood")
        } catch { #expect(error.fault.message.utf8.count < 400) }
    }
}

/// Objects with known fields, whose values are mostly meaningless.
private struct RandomEvents {
    private var state: UInt64
    private let keys: [String]
    private let types: [String]

    private static let values = [
        "null", "true", "0", "-9223372036854775808", "9223372036854775807", "18446744073709551615", "1e308", "-0.0",
        #""""#, #""\u0000""#, #""COMPLETED""#, #""9999-12-31T23:59:60Z""#, #""{}""#, "[]", "[[]]", #"["a"]"#, "{}",
    ]
    private static let clientTypes = [
        "job_status", "stage_completed", "job_error", "taskProgress", "taskCompleted", "taskFailed", "taskUpdated",
        "stage",
    ]

    init(seed: UInt64, keys: [String], types: [String]) {
        state = seed
        self.keys = keys + ["data", "payload", "stage", "nextStage", "metadata", "own"]
        self.types = types + Self.clientTypes
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return elements[Int(state >> 33) % elements.count]
    }

    mutating func object(depth: Int) -> String {
        var fields: [String: String] = [:]
        for _ in 0..<pick([0, 1, 3, 8]) {
            let key = pick(keys)
            fields[key] = depth > 0 && pick([true, false]) ? object(depth: depth - 1) : pick(Self.values)
        }
        if pick([true, true, false]) { fields["type"] = "\"\(pick(types))\"" }
        return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }
}
