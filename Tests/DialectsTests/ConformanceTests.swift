import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

/// Every dialect with messages that no client should send. A new dialect takes part once it is in the list of dialects.
@Suite("Every dialect")
struct ConformanceTests {
    private let words = Words()

    private func refusal(_ text: String, by dialect: DialectName) -> Fault? {
        do throws(DialectFault) {
            _ = try dialect.dialect.decode(words.object(text), parser: words.parser)
            return nil
        } catch { return error.fault }
    }

    @Test("names an unknown type in its error", arguments: DialectName.allCases)
    func unknownType(_ dialect: DialectName) {
        #expect(refusal(#"{"type":"no_such_type"}"#, by: dialect)?.code == .unknownMessageType)
        #expect(refusal(#"{"type":"\u0000"}"#, by: dialect)?.code == .unknownMessageType)
        // A long word comes back shortened.
        let long = refusal(#"{"type":"\#(String(repeating: "x", count: 5000))"}"#, by: dialect)
        #expect(long?.code == .unknownMessageType && (long?.message.utf8.count ?? 0) < 200)
    }

    @Test("needs a type that is a string", arguments: DialectName.allCases)
    func missingType(_ dialect: DialectName) {
        for text in ["{}", #"{"type":null}"#, #"{"type":1}"#, #"{"type":["ping"]}"#, #"{"Type":"ping"}"#] {
            #expect(refusal(text, by: dialect)?.code == .invalidMessage, "\(text)")
        }
    }

    @Test("survives every other JSON kind in every field of every message", arguments: DialectName.allCases)
    func otherKinds(_ dialect: DialectName) {
        let others = ["null", "true", "-1.5e300", #""""#, #""{}""#, "[]", "[[[]]]", "{}", #"{"a":{"b":[]}}"#]
        for text in Examples.fromClient("\(dialect)") {
            let message = words.object(text)
            for field in message.fields where field.key != "type" {
                for other in others {
                    let changed = text.replacing(
                        String(decoding: field.raw, as: UTF8.self), with: "\"\(field.key)\":\(other)")
                    let fault = refusal(changed, by: dialect)
                    #expect(fault == nil || fault?.code == .invalidMessage, "\(changed)")
                }
            }
        }
    }

    @Test("answers with one JSON object that has a type", arguments: DialectName.allCases)
    func answers(_ dialect: DialectName) {
        let request = RequestID(words.object(#"{"id":"r"}"#)["id"])
        let hostile = "\"\\\u{0}\u{2028}\u{1F600}"
        let fault = Fault(.invalidMessage, hostile, subject: words.task)
        let messages: [ServerMessage] = [
            .welcome(clientID: hostile, heartbeatMilliseconds: 1), .fault(fault, request: request),
            .authenticationFailed(fault, request: request), .closing(code: 1013, reason: hostile),
            .connected(user: hostile, welcome: hostile, onlineCount: 0), .pong(request: request),
            .unsubscribedTopic(hostile, request: request),
            .subscribed(words.task, position: nil, recovered: true, request: nil),
            .delivery(words.delivery(#"{"type":"own \" type","a":1}"#, sequence: 1)),
            .delivery(words.delivery(#"{"progress":5}"#, sequence: 1, snapshot: true)),
        ]
        for message in messages {
            for object in words.encode(message, dialect) { #expect(object["type"]?.kind == .string, "\(message)") }
        }
        #expect(words.encode(.fault(fault, request: nil), dialect).count == 1)
        #expect(!words.encode(.pong(request: nil), dialect).isEmpty)
    }

    @Test("writes no messages for other users", arguments: DialectName.allCases)
    func others(_ dialect: DialectName) {
        for text in [
            #"{"type":"user_status","user_id":"1","status":"online"}"#, #"{"type":"typing","user_id":"1"}"#,
            #"{"type":"presence","user_id":"1","status":"away"}"#,
        ] {
            let said = words.encode(.delivery(words.delivery(text, on: .everyone)), dialect)
            #expect(said.isEmpty == (dialect != .presence))
        }
        let user = ChannelName.user(Identifier("7")!)
        let chat = words.delivery(#"{"type":"chat","from_user_id":"1","message":"m"}"#, on: user)
        #expect(words.encode(.delivery(chat), dialect).isEmpty == (dialect != .presence))
        let notification = words.delivery(#"{"type":"notification","notification_type":"x"}"#, on: user)
        #expect(words.encode(.delivery(notification), dialect).count == 1)
    }
}
