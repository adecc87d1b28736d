import Examples
import JSON

@testable import Events
@testable import Dialects

/// Workers' events, single or in a batch, written in every dialect, alone and as one message.
enum EventFuzz {
    static let events = FuzzTarget(name: "events", seeds: { (seeds + examples).map { Array($0.utf8) } }) { input in
        let parser = JSONParser(maxBytes: 65_536)
        guard let value = try? parser.value(input) else { return }
        var texts: [[UInt8]] = []
        for element in value.elements ?? [value] {
            guard let object = element.object(parser), let event = try? Event(object, parser: parser) else { continue }
            for channel in channels { texts += tell(event, on: channel, parser) }
        }
        checkBatch(texts)
    }

    private static let channels = ["task:video_1", "topic:orders?a=%201", "user:42", "team:a", "everyone"].map {
        ChannelName($0)!
    }

    /// Writes an event in all dialects; returns the messages of tasks.
    private static func tell(_ event: Event, on channel: ChannelName, _ parser: JSONParser) -> [[UInt8]] {
        var knowledge = TaskKnowledge()
        knowledge.apply(event)
        let place = channel.isPersonal ? nil : Position(epoch: "e1", sequence: 7)
        var delivery = Delivery(
            channel: channel, event: event, knowledge: knowledge, position: place, timestamp: 1_763_010_000_000)
        var messages = [ServerMessage.delivery(delivery)]
        if channel.kind == .task { messages.append(.taskUpdate(delivery, request: nil)) }
        if event.isStateBearing, channel.kind == .task {
            delivery.isSnapshot = true
            messages.append(.delivery(delivery))
        }
        let stream = ServerSentEvent.encode(delivery)
        demand(!stream.dropLast(2).contains([0x0A, 0x0A]) && stream.suffix(2) == [0x0A, 0x0A], "a stream cut in two")
        var told: [[UInt8]] = []
        for name in DialectName.allCases {
            let texts = messages.flatMap {
                name.dialect.encode($0, stamp: MessageStamp(now: 1, origin: "o", serial: 1))
            }
            for text in texts { check(text, of: event, on: channel) }
            if name == .tasks { told += texts }
        }
        return told
    }

    /// One JSON object with a type and no duplicate of Fantail's keys, not much longer than the event.
    private static func check(_ text: [UInt8], of event: Event, on channel: ChannelName) {
        let parser = JSONParser(maxBytes: 1 << 20, maxDepth: 128)
        guard let object = try? parser.object(text) else {
            fatalError("no JSON object: \(String(decoding: text, as: UTF8.self))")
        }
        demand(object["type"]?.kind == .string, "no type: \(String(decoding: text, as: UTF8.self))")
        demand(keyCount(text[...]) == object.fields.count, "a key twice: \(String(decoding: text, as: UTF8.self))")
        demand(text.count <= 3 * event.object.bytes.count + 2048, "\(text.count) bytes of one event")
        guard channel.kind == .task, let body = object["payload"] ?? object["data"], body.kind == .object else {
            return
        }
        demand(
            keyCount(body.raw) == body.object(parser)?.fields.count,
            "a key twice: \(String(decoding: body.raw, as: UTF8.self))")
    }

    /// The number of keys in an object's text.
    private static func keyCount(_ text: ArraySlice<UInt8>) -> Int {
        var (depth, count) = (0, 0)
        var isString = false
        var isEscaped = false
        for byte in text {
            if isEscaped {
                isEscaped = false
            } else if isString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                case UInt8(ascii: ":") where depth == 1: count += 1
                default: break
                }
            }
        }
        return count
    }

    private static func checkBatch(_ texts: [[UInt8]]) {
        let parser = JSONParser(maxBytes: 1 << 24, maxDepth: 128)
        for dialect in DialectName.allCases {
            let batches = dialect.dialect.batch(texts, stamp: MessageStamp(now: 1, origin: "o", serial: 1))
            guard batches.count == 1, let batch = try? parser.object(batches[0]),
                let updates = (batch["payload"] ?? batch["data"])?.object(parser)?["updates"]?.elements
            else { fatalError("a batch that is no JSON") }
            demand(updates.map { Array($0.raw) } == texts, "a batch of something else")
        }
    }

    /// Workers may publish a client's message unchanged.
    private static let examples = DialectName.allCases.flatMap { Examples.fromServer("\($0)") }

    private static let seeds = [
        #"[{"progress":45},{"type":"stage","stage":"A","nextStage":"B"},{"type":"completed","result":{"videoUrl":"u"}}]"#,
        #"{"type":"failed","error":{"code":"E","message":"m","details":"d","retryable":true},"owner":"u","team":7}"#,
        #"{"progress":5,"status":"running","currentStep":"a","completedStages":["p"],"timestamp":"2025-12-22T08:46:30Z"}"#,
        #"{"type":"taskUpdated","payload":{"status":"COMPLETED","videoUrl":"u"},"restart":true}"#,
        #"{"type":"chat","from_user_id":"1","from_username":"n","message":"m"}"#,
        #"{"type":"notification","notification_type":"x","data":{"title":"t","level":"info"},"ack":true}"#,
        #"{"type":"status","data":{"entityType":"order","entityId":"o","status":"FAILED"}}"#,
    ]
}
