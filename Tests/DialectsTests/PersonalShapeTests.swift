import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("Messages to people, in each dialect")
struct PersonalShapeTests {
    private let words = Words()

    private func said(_ event: String, on channel: String, _ dialect: DialectName) -> [String] {
        let delivery = words.delivery(event, on: ChannelName(channel))
        return dialect.dialect.encode(.delivery(delivery), stamp: MessageStamp(now: 1, origin: "o", serial: 1)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test("a notification in four shapes", arguments: ["user:7", "team:red"])
    func notification(_ channel: String) {
        let event =
            #"{"type":"notification","notification_type":"x","id":5,"title":"T","message":"M","data":{"a":1},"link":"/l","#
            + #""created_at":1763010000000}"#
        let fields = #""id":5,"type":"x","title":"T","message":"M","data":{"a":1},"link":"/l""#
        #expect(
            said(event, on: channel, .jobs) == [
                #"{"type":"notification","data":{\#(fields),"createdAt":"2025-11-13T05:00:00.000Z"}}"#
            ])
        #expect(
            said(event, on: channel, .tasks) == [
                #"{"type":"notification","timestamp":1763010000000,"payload":{\#(fields),"createdAt":1763010000000}}"#
            ])
        #expect(
            said(event, on: channel, .presence) == [
                #"{"type":"notification","notification_type":"x","data":{\#(fields),"created_at":"2025-11-13T05:00:00Z"},"#
                    + #""timestamp":"2025-11-13T05:00:00Z"}"#
            ])
        #expect(
            said(event, on: channel, .topics) == [
                #"{"type":"notification","data":{"id":5,"type":"x","title":"T","content":"M","message":"M","level":"info","#
                    + #""data":{"a":1},"link":"/l","createdAt":1763010000000},"timestamp":1763010000000,"messageId":"msg_o-1"}"#
            ])
    }

    @Test("presence writes ids as numbers and times as whole seconds")
    func presence() {
        #expect(
            said(
                #"{"type":"chat","from_user_id":"456","from_username":"John","message":"Hi","timestamp":1763010000999}"#,
                on: "user:7", .presence) == [
                    #"{"type":"chat","data":{"from_user_id":456,"from_username":"John","message":"Hi","timestamp":"#
                        + #""2025-11-13T05:00:00Z"},"timestamp":"2025-11-13T05:00:00Z"}"#
                ])
        #expect(
            said(
                #"{"type":"user_status","user_id":"0456","status":"online","timestamp":1763010000000,"version":3}"#,
                on: "everyone", .presence) == [
                    #"{"type":"user_status","data":{"user_id":"0456","status":"online","timestamp":"2025-11-13T05:00:00Z"}}"#
                ])
        #expect(
            said(#"{"type":"typing","user_id":"4","is_typing":false,"context":[1]}"#, on: "everyone", .presence)
                == [#"{"type":"typing","data":{"user_id":4,"is_typing":false,"context":[1]}}"#])
        #expect(
            said(#"{"type":"presence","user_id":"4","status":"away","data":{"d":1}}"#, on: "everyone", .presence)
                == [#"{"type":"presence","data":{"user_id":4,"status":"away","data":{"d":1}}}"#])
    }

    @Test("a type of the application's own goes to jobs, tasks and presence, and chat to presence only")
    func own() {
        let own = #"{"type":"invoice","total":5}"#
        #expect(said(own, on: "user:7", .jobs)[0].contains(#"{"type":"invoice","data":{"total":5,"#))
        #expect(said(own, on: "user:7", .tasks)[0].contains(#""payload":{"total":5}"#))
        #expect(said(own, on: "user:7", .presence)[0].contains(#"{"type":"invoice","data":{"total":5},"#))
        #expect(said(own, on: "user:7", .topics).isEmpty)
        for type in ["chat", "typing", "presence", "user_status"] {
            for channel in ["user:7", "team:red", "everyone"] {
                let event = #"{"type":"\#(type)","user_id":"1"}"#
                for dialect in [DialectName.jobs, .tasks, .topics] {
                    #expect(said(event, on: channel, dialect).isEmpty, "\(dialect) \(channel) \(type)")
                }
            }
        }
    }

    @Test("messages to everyone go to presence only; presence gets no events of tasks and topics")
    func everyone() {
        let notification = #"{"type":"notification","title":"T"}"#
        for dialect in DialectName.allCases {
            #expect(said(notification, on: "everyone", dialect).isEmpty == (dialect != .presence))
            for event in [#"{"progress":5}"#, #"{"type":"completed"}"#, #"{"type":"stage","stage":"A"}"#] {
                #expect(said(event, on: "user:7", dialect).isEmpty, "\(dialect) \(event)")
            }
        }
        for channel in ["task:v", "topic:t"] {
            for event in [#"{"progress":5}"#, notification, #"{"type":"chat","message":"m"}"#] {
                #expect(said(event, on: channel, .presence).isEmpty)
            }
        }
    }

    @Test(
        "the recipient of a message may be a string or an integer",
        arguments: [
            ("0", "0"), ("456", "456"), ("9007199254740991", "9007199254740991"),
            ("9007199254740992", "9007199254740992"),
            ("-1", "-1"), (#""007""#, "007"), (#""alice""#, "alice"), ("1.0", nil), ("1e2", nil), (#""""#, nil),
            ("99999999999999999999", nil), ("true", nil), ("[1]", nil), (#""a{b}""#, nil),
        ] as [(String, String?)])
    func recipient(_ json: String, _ id: String?) throws {
        let parser = words.parser
        let text = #"{"type":"message","to_user_id":\#(json),"message":"m","timestamp":"1970-01-01T00:00:01Z"}"#
        // The parser refuses an integer above 64 bits.
        guard let object = try? parser.object(Array(text.utf8)) else { return #expect(id == nil) }
        let command = try? PresenceDialect.decode(object, parser: parser)
        #expect(command == id.map { .chat(to: Identifier($0)!, message: "m", time: 1000) })
    }
}
