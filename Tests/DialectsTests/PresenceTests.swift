import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("Presence")
struct PresenceTests {
    private let words = Words()

    @Test(
        "a user's id is a number exactly when it reads as one that JavaScript holds",
        arguments: [
            ("0", true), ("7", true), ("9007199254740991", true), ("9007199254740992", false), ("007", false),
            ("-1", false),
            ("1.0", false), ("1e3", false), ("alice", false), ("12345678901234567890", false), ("", false),
            ("٣", false),
        ])
    func userID(_ id: String, _ isNumber: Bool) {
        let message = words.encode(.connected(user: id, welcome: "u", onlineCount: 1), .presence)[0]
        let value = message["data"]!.object(words.parser)!["user_id"]!
        #expect(value.kind == (isNumber ? .number : .string))
        #expect(String(decoding: value.raw, as: UTF8.self) == (isNumber ? id : "\"\(id)\""))
    }

    @Test("a notification always has the fields that clients read unchecked")
    func notification() {
        let user = ChannelName.user(Identifier("7")!)
        for event in [
            #"{"type":"notification","notification_type":"mention"}"#,
            #"{"type":"notification","notification_type":"mention","title":"","message":null,"id":"x","link":5}"#,
            #"{"type":"notification","notification_type":"mention","data":{"id":5,"title":"T","message":"M","type":"other"}}"#,
            #"{"type":"notification","notification_type":"mention","data":[1],"id":99999999999999999}"#,
        ] {
            let delivery = words.delivery(event, on: user)
            let message = words.encode(.delivery(delivery), .presence)[0]
            let data = message["data"]!.object(words.parser)!
            #expect(message["notification_type"]?.string == "mention" && data["type"]?.string == "mention", "\(event)")
            #expect(data["title"]?.string?.isEmpty == false && data["message"]?.string?.isEmpty == false, "\(event)")
            #expect(data["link"]?.isNull == true, "\(event)")
            let id = data["id"]?.integer
            #expect(id.map { abs($0) <= 9_007_199_254_740_991 } == true, "\(event)")
            let again = words.encode(.delivery(delivery), .presence)[0]["data"]!.object(words.parser)!
            #expect(again["id"]?.integer == id, "\(event)")
            #expect(data["created_at"]?.string?.utf8.count == 20, "\(event)")
        }
    }

    @Test("the owner of a task gets its end, and no other event")
    func owner() {
        func said(_ event: String) -> [JSONObject] {
            words.encode(.taskUpdate(words.delivery(event, sequence: 4), request: nil), .presence)
        }
        #expect(said(#"{"progress":5}"#).isEmpty && said(#"{"type":"stage","stage":"A"}"#).isEmpty)
        let done = said(#"{"type":"completed","result":{"videoUrl":"u"}}"#)[0]
        #expect(done["notification_type"]?.string == "task_completed")
        let failed = said(#"{"type":"failed","error":"boom"}"#)[0]
        #expect(failed["data"]?.object(words.parser)?["message"]?.string == "The task video_xxx has failed: boom")
    }

    @Test("an id and a time given beside complete data are kept")
    func givenBeside() {
        let event =
            #"{"type":"notification","notification_type":"x","id":5,"created_at":1000,"data":{"title":"T","content":"C"}}"#
        let delivery = words.delivery(event, on: ChannelName("user:7"))
        let data = words.encode(.delivery(delivery), .presence)[0]["data"]!.object(words.parser)!
        #expect(data["id"]?.integer == 5 && data["created_at"]?.string == "1970-01-01T00:00:01Z")
        #expect(data["message"]?.string == "C")
    }

    @Test("a client's data in typing and presence is bounded, and passed on unchanged")
    func attached() throws {
        let long = "\"\(String(repeating: "x", count: EventLimits.maxAttachedBytes - 2))\""
        func decode(_ text: String) throws -> ClientCommand {
            try PresenceDialect.decode(words.object(text), parser: words.parser)
        }
        #expect(
            try decode(#"{"type":"typing","data":{"is_typing":true,"context":\#(long)}}"#)
                == .typing(isTyping: true, context: Array(long.utf8)))
        #expect(
            try decode(#"{"type":"presence","status":"away","data":{"a":[1]}}"#)
                == .presence(.away, data: Array(#"{"a":[1]}"#.utf8)))
        for text in [
            #"{"type":"typing","data":{"is_typing":true,"context":[\#(long)]}}"#,
            #"{"type":"presence","status":"away","data":[\#(long)]}"#,
        ] {
            #expect(throws: DialectFault.self) { try decode(text) }
        }
    }

    @Test("users' messages are understood, and an error names the wrong field")
    func commands() throws {
        func decode(_ text: String) throws -> ClientCommand {
            try PresenceDialect.decode(words.object(text), parser: words.parser)
        }
        let to = Identifier("456")!
        #expect(
            try decode(#"{"type":"message","to_user_id":456,"message":"a"}"#) == .chat(to: to, message: "a", time: nil))
        #expect(
            try decode(#"{"type":"message","to_user_id":"456","message":"a"}"#)
                == .chat(to: to, message: "a", time: nil))
        for text in [
            #"{"type":"message","to_user_id":456}"#, #"{"type":"message","to_user_id":456,"message":""}"#,
            #"{"type":"message","to_user_id":"a b","message":"m"}"#, #"{"type":"message","message":"m"}"#,
            #"{"type":"message","to_user_id":1.5,"message":"m"}"#, #"{"type":"typing"}"#, #"{"type":"presence"}"#,
            #"{"type":"typing","data":{"is_typing":"yes"}}"#, #"{"type":"presence","status":"asleep"}"#,
            #"{"type":"message","to_user_id":1,"message":"\#(String(repeating: "x", count: 16_385))"}"#,
        ] {
            #expect(throws: DialectFault.self, "\(text)") { try decode(text) }
        }
    }
}
