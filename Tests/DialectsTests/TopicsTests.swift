import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("Topics")
struct TopicsTests {
    private let words = Words()

    private func name(_ topic: String, _ params: String?) throws(Fault) -> TopicName {
        try TopicName(topic, params: params.map { words.object($0) })
    }

    @Test("the same params give the same channel, in any order and form")
    func deterministic() throws {
        #expect(try name("orders", nil).channel.text == "topic:orders")
        #expect(try name("orders", "{}").channel.text == "topic:orders")
        let first = try name("orders", #"{"b":2,"a":"x y","c":true}"#)
        #expect(first.channel.text == "topic:orders?a=x%20y&b=2&c=true")
        #expect(try name("orders", #"{"c":true,"a":"x y","b":2}"#).channel == first.channel)
        #expect(try name("orders", #"{"b":"2","c":"true","a":"x\u0020y"}"#).channel == first.channel)
        #expect(try name("orders", #"{"é&=":"{}"}"#).channel.text == "topic:orders?%C3%A9%26%3D=%7B%7D")
        #expect(try name("task", #"{"taskId":"video_1"}"#).channel.text == "task:video_1")
    }

    @Test("an invalid channel is refused, and the error says why")
    func refused() {
        for (topic, params) in [
            ("", nil), ("a b", nil), ("a{b}", nil), ("a?b", nil), ("ü", nil), (String(repeating: "x", count: 129), nil),
            ("o", #"{"a":null}"#), ("o", #"{"a":[1]}"#), ("o", #"{"a":{}}"#), ("task", nil), ("task", "{}"),
            ("task", #"{"taskId":"a b"}"#), ("o", #"{"a":"\#(String(repeating: "x", count: 200))"}"#),
        ] as [(String, String?)] {
            #expect(throws: Fault.self, "\(topic) \(params ?? "")") { try name(topic, params) }
        }
    }

    @Test("a channel's topic and params can be read from its name")
    func roundTrip() throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let letters = Array("abé%&=?+ {}~.中/")
        for _ in 0..<2_000 {
            var fields: [String: String] = [:]
            for _ in 0..<random(4) {
                let key = String((0...random(3)).map { _ in letters[random(letters.count)] })
                fields[key] = String((0..<random(5)).map { _ in letters[random(letters.count)] })
            }
            var writer = JSONWriter(capacity: 64)
            writer.beginObject()
            for (key, value) in fields {
                writer.key(key)
                writer.string(value)
            }
            writer.endObject()
            guard let name = try? TopicName("t", params: words.parser.object(writer.bytes)) else { continue }
            let back = try #require(TopicName(name.channel), "seed \(seed)")
            #expect(back == name, "seed \(seed)")
            #expect(Dictionary(uniqueKeysWithValues: back.params.map { ($0.key, $0.value) }) == fields, "seed \(seed)")
        }
    }

    @Test("a message's id is the event's, wherever and whenever it is sent; others never repeat")
    func messageIDs() {
        let delivery = words.delivery(#"{"progress":5}"#, sequence: 3)
        func id(_ delivery: Delivery, _ serial: UInt64) -> String? {
            let stamp = MessageStamp(now: 1, origin: "o", serial: serial)
            return try! words.parser.object(TopicsDialect.encode(.delivery(delivery), stamp: stamp)[0])["messageId"]?
                .string
        }
        #expect(id(delivery, 1) == "msg_task:video_xxx:e1:3" && id(delivery, 2) == id(delivery, 1))
        #expect(id(words.delivery(#"{"progress":5}"#), 1) == "msg_o-1")
        let refused = words.encode(.authenticationFailed(Fault(.unauthorized, "no"), request: nil), .topics)
        #expect(Set(refused.map { $0["messageId"]?.string }).count == 2)
        let codes = refused.map { $0["data"]?.object(words.parser)?["code"]?.integer }
        #expect(codes == [40100, 1001])
    }

    @Test("a task's events are statuses with topic, params and position beside the data")
    func tasks() {
        let message = words.encode(
            .delivery(words.delivery(#"{"status":"RUNNING","progress":5}"#, sequence: 3)), .topics)[0]
        let data = message["data"]!.object(words.parser)!
        #expect(message["type"]?.string == "status" && message["topic"]?.string == "task")
        #expect(message["params"]?.object(words.parser)?["taskId"]?.string == "video_xxx")
        #expect(message["sequence"]?.integer == 3 && data["sequence"] == nil)
        #expect(data["status"]?.string == "processing" && data["entityType"]?.string == "task")
        #expect(data["entityId"]?.string == "video_xxx" && data["progress"]?.integer == 5)
        for (event, type, status) in [
            (#"{"type":"completed"}"#, "status", "completed"), (#"{"type":"failed"}"#, "status", "failed"),
            ("{}", "status", "processing"), (#"{"type":"stage","stage":"A"}"#, "data", nil),
            (#"{"type":"own"}"#, "data", nil),
        ] as [(String, String, String?)] {
            let message = words.encode(.delivery(words.delivery(event)), .topics)[0]
            #expect(message["type"]?.string == type, "\(event)")
            #expect(message["data"]?.object(words.parser)?["status"]?.string == status, "\(event)")
        }
    }

    @Test("a notification always has title, content and level; content and message fill each other")
    func notification() {
        let topic = ChannelName.topic(Identifier("t")!)
        for (event, content) in [
            (#"{"type":"notification","data":{"title":"T","content":"C"}}"#, "C"),
            (#"{"type":"notification","data":{"message":"M"}}"#, "M"),
            (#"{"type":"notification","data":{}}"#, "Notification"),
        ] {
            let data = words.encode(.delivery(words.delivery(event, on: topic)), .topics)[0]["data"]!.object(
                words.parser)!
            #expect(data["content"]?.string == content && data["message"]?.string == content)
            #expect(data["title"]?.string?.isEmpty == false && data["level"]?.string == "info")
        }
    }
}
