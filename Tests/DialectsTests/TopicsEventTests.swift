import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("Events of topics")
struct TopicsEventTests {
    private let words = Words()
    private let topic = ChannelName("topic:orders?id=5")!

    private func said(_ event: String, on channel: ChannelName? = nil) -> JSONObject {
        words.encode(.delivery(words.delivery(event, on: channel ?? topic, sequence: 2)), .topics)[0]
    }

    private func data(_ message: JSONObject) -> JSONObject { message["data"]!.object(words.parser)! }

    @Test("a notification keeps its data, filled to title, content and level")
    func notification() {
        let full = said(
            #"{"type":"notification","data":{"id":"ORDER-5","type":"t","title":"T","content":"C","level":"warn","timestamp":9}}"#
        )
        #expect(full["type"]?.string == "notification")
        #expect(data(full)["id"]?.string == "ORDER-5" && data(full)["type"]?.string == "t")
        #expect(data(full)["level"]?.string == "warn" && data(full)["timestamp"]?.integer == 9)
        // The texts may be beside the data, or missing; the data stays in its place.
        let beside = data(said(#"{"type":"notification","title":"T","message":"M","data":{"orderId":5}}"#))
        #expect(beside["orderId"]?.integer == 5 && beside["title"]?.string == "T" && beside["content"]?.string == "M")
        for text in ["{}", #"{"title":"","content":null,"level":""}"#, #"{"title":5,"content":[],"level":{}}"#] {
            let bare = data(said(#"{"type":"notification","data":\#(text)}"#))
            #expect(bare["title"]?.string == "Notification" && bare["content"]?.string == "Notification", "\(text)")
            #expect(bare["level"]?.string == "info" && bare["data"] == nil, "\(text)")
        }
    }

    @Test("a status keeps its data, with the status in the words of topics")
    func status() {
        for (text, status) in [
            (#"{"entityType":"order","status":"RUNNING"}"#, "processing"), (#"{"status":"Completed"}"#, "completed"),
            ("{}", "processing"), (#"{"status":5}"#, "processing"), (#"{"status":"on its way"}"#, "on its way"),
        ] {
            let message = said(#"{"type":"status","data":\#(text)}"#)
            #expect(message["type"]?.string == "status" && data(message)["status"]?.string == status, "\(text)")
        }
    }

    @Test(
        "anything else is data with all its fields",
        arguments: [
            #"{"type":"notification","title":"T"}"#, #"{"type":"status","status":"x"}"#, #"{"type":"data","data":[1]}"#,
            #"{"type":"own","data":{}}"#, #"{"progress":5}"#, #"{"type":"completed"}"#,
            #"{"type":"connect","data":{}}"#,
        ])
    func anything(_ event: String) {
        let message = said(event)
        #expect(message["type"]?.string == "data" && data(message).bytes == Array(event.utf8))
    }

    @Test("every message of a subscription names it, and its place")
    func envelope() {
        for event in [#"{"type":"status","data":{}}"#, #"{"type":"notification","data":{}}"#, "{}"] {
            let message = said(event)
            #expect(message["topic"]?.string == "orders" && message["sequence"]?.integer == 2)
            #expect(message["params"]?.object(words.parser)?["id"]?.string == "5")
            #expect(message["messageId"]?.string == "msg_topic:orders?id=5:e1:2")
        }
        let state = words.delivery(#"{"progress":5}"#, sequence: 2, snapshot: true)
        let message = words.encode(.delivery(state), .topics)[0]
        #expect(message["epoch"]?.string == "e1" && message["snapshot"]?.bool == true)
        #expect(message["messageId"]?.string == "msg_task:video_xxx:e1:2:state")
        #expect(message["messageId"]?.string == TopicsDialect.messageID(of: state))
    }

    @Test("a state altered by events without a position has another id than its position's")
    func altered() {
        var state = words.delivery(#"{"progress":5}"#, sequence: 2, snapshot: true)
        state.isAltered = true
        let message = words.encode(.delivery(state), .topics)[0]
        #expect(message["sequence"]?.integer == 2 && message["epoch"]?.string == "e1")
        #expect(message["snapshot"]?.bool == true)
        #expect(message["messageId"]?.string?.hasSuffix(":state") == false)
        #expect(TopicsDialect.messageID(of: state) == nil)
    }

    @Test("a message that must be acknowledged says so in the envelope", arguments: ["true", "false", "1", "null"])
    func acknowledgement(_ ack: String) {
        let message = said(#"{"type":"data","data":{"n":1},"ack":\#(ack)}"#)
        #expect(message["ack"]?.bool == (ack == "true" ? true : nil) && data(message)["ack"] == nil)
    }

    @Test(
        "the id that is written is the id that is acknowledged",
        arguments: ["task:\"\\", "task:v", "topic:t?a=%22", "topic:\""])
    func messageID(_ name: String) throws {
        let channel = try #require(ChannelName(name))
        for isSnapshot in [false, true] {
            let delivery = words.delivery(#"{"progress":1}"#, on: channel, sequence: .max, snapshot: isSnapshot)
            let message = words.encode(.delivery(delivery), .topics)[0]
            #expect(message["messageId"]?.string == TopicsDialect.messageID(of: delivery))
            let params = try #require(message["params"]?.object(words.parser))
            let subscription = try TopicName(try #require(message["topic"]?.string), params: params)
            #expect(subscription.channel == channel)
        }
    }

    @Test("a user's notification has title, content and level, and names no subscription")
    func user() {
        let message = said(#"{"type":"notification","notification_type":"new_like"}"#, on: ChannelName("user:7"))
        #expect(data(message)["title"]?.string == "New like" && data(message)["content"]?.string == "New like")
        #expect(data(message)["level"]?.string == "info" && message["topic"] == nil)
    }
}
