import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

/// Helpers for the tests of dialects.
struct Words {
    let parser = JSONParser(maxBytes: 65_536)
    let now: Int64 = 1_763_010_000_000
    let task = ChannelName.task(Identifier("video_xxx")!)

    func object(_ text: String) -> JSONObject { try! parser.object(Array(text.utf8)) }

    func delivery(
        _ text: String, on channel: ChannelName? = nil, after earlier: [String] = [], sequence: UInt64? = nil,
        snapshot: Bool = false, missed: UInt64 = 0
    ) -> Delivery {
        var knowledge = TaskKnowledge()
        for text in earlier { knowledge.apply(try! Event(object(text), parser: parser)) }
        let event = try! Event(object(text), parser: parser)
        knowledge.apply(event)
        var delivery = Delivery(
            channel: channel ?? task, event: event, knowledge: knowledge,
            position: sequence.map { Position(epoch: "e1", sequence: $0) }, timestamp: now, isSnapshot: snapshot)
        delivery.missed = missed
        return delivery
    }

    func encode(_ message: ServerMessage, _ dialect: DialectName) -> [JSONObject] {
        dialect.dialect.encode(message, stamp: MessageStamp(now: now, origin: "test", serial: 1)).map {
            try! parser.object($0)
        }
    }

    /// Whether `message` has every field of `example`, each with the same JSON type; a null may be anything.
    func matches(_ message: JSONObject, _ example: JSONObject) -> Bool {
        example.fields.allSatisfy { field in
            guard let value = message[String(decoding: field.rawKey, as: UTF8.self)] else { return false }
            if field.value.kind == .null { return true }
            guard value.kind == field.value.kind else { return false }
            guard let inner = field.value.object(parser) else { return true }
            return value.object(parser).map { matches($0, inner) } ?? false
        }
    }
}

@Suite("The contract of the interface documents")
struct ContractTests {
    private let words = Words()

    @Test("every message of its clients is understood", arguments: DialectName.allCases)
    func fromClient(_ dialect: DialectName) throws {
        for text in Examples.fromClient("\(dialect)") {
            _ = try dialect.dialect.decode(words.object(text), parser: words.parser)
        }
    }

    private var id: RequestID { RequestID(words.object(#"{"id":"auth-001"}"#)["id"])! }

    private var topic: ChannelName { .topic(Identifier("order_updates")!) }
    private var user: ChannelName { .user(Identifier("123")!) }

    private var said: [ServerMessage] {
        let fault = Fault(.invalidMessage, "payload.videoId is missing")
        let error = #"{"code":"E","message":"m","details":"d","retryable":true}"#
        return [
            .welcome(clientID: "client-456", heartbeatMilliseconds: 30_000),
            .authenticated(user: "u", username: "n", sessionID: "ws_1_a", expiresAt: 1, request: id),
            .authenticationFailed(Fault(.unauthorized, "Authentication failed"), request: id),
            .subscribed(words.task, position: nil, recovered: nil, request: id), .unsubscribed(words.task, request: id),
            .pong(request: id), .fault(fault, request: id), .heartbeat(connectedClients: 5, uptimeSeconds: 12345.67),
            .delivery(
                words.delivery(
                    #"""
                    {"progress":45,"status":"RUNNING","currentStage":"OUTLINE","completedStages":["PLAN"],"totalSteps":4,
                    "message":"m","estimatedTimeRemaining":60}
                    """#)),
            .delivery(words.delivery(#"{"type":"stage","stage":"OUTLINE","nextStage":"STORYBOARD"}"#)),
            .delivery(
                words.delivery(
                    #"""
                    {"type":"completed","result":{"videoUrl":"u","thumbnailUrl":"t","duration":15,"fileSize":1,"resolution":"r"},
                    "metrics":{"totalTime":1,"queueTime":1,"processTime":1}}
                    """#)),
            .delivery(
                words.delivery(
                    #"{"type":"failed","error":\#(error)}"#,
                    after: [#"{"currentStage":"STORYBOARD"}"#])),
            .taskUpdate(words.delivery(#"{"type":"completed","result":{"videoUrl":"u"}}"#), request: nil),
            .connected(user: "123", welcome: "Welcome, username!", onlineCount: 42),
            .closing(code: 1012, reason: "restart"),
            .subscribed(topic, position: nil, recovered: nil, request: id),
            .delivery(
                words.delivery(
                    #"""
                    {"type":"notification","notification_type":"new_follower","id":789,"title":"t","message":"m",
                    "data":{"follower_id":456},"link":"/users/456"}
                    """#, on: user)),
            .delivery(
                words.delivery(
                    #"{"type":"chat","from_user_id":"456","from_username":"John","message":"Hello!"}"#, on: user)),
            .delivery(words.delivery(#"{"type":"user_status","user_id":"456","status":"online"}"#, on: .everyone)),
            .delivery(
                words.delivery(#"{"type":"typing","user_id":"456","is_typing":true,"context":"p"}"#, on: .everyone)),
            .delivery(
                words.delivery(
                    #"{"type":"presence","user_id":"456","status":"away","data":{"device":"d"}}"#, on: .everyone)),
            .delivery(words.delivery(#"{"type":"data","data":{"anything":1}}"#, on: topic, sequence: 7)),
            .delivery(
                words.delivery(
                    #"{"type":"status","data":{"entityType":"order","entityId":"O","status":"COMPLETED"}}"#, on: topic)),
        ]
    }

    @Test("every message of the server has the documented names and types", arguments: DialectName.allCases)
    func fromServer(_ dialect: DialectName) {
        let messages = said.flatMap { words.encode($0, dialect) }
        for text in Examples.fromServer("\(dialect)") {
            let example = words.object(text)
            let type = example["type"]?.string
            let ofType = messages.filter { $0["type"]?.string == type }
            #expect(!ofType.isEmpty, "\(dialect) never says \(type ?? "")")
            #expect(ofType.contains { words.matches($0, example) }, "\(dialect): \(text)")
        }
    }

    @Test("an invalid token is refused in the documents' words", arguments: DialectName.allCases)
    func refusedToken(_ dialect: DialectName) throws {
        let refusal = Fault(.unauthorized, "Authentication failed")
        let said = try #require(words.encode(.authenticationFailed(refusal, request: id), dialect).first)
        let codes: Set = ["UNAUTHORIZED", "40100"]
        for text in Examples.fromServer("\(dialect)") {
            let example = words.object(text)
            guard codes.contains(code(example)) else { continue }
            #expect(code(said) == code(example) && body(said)["message"]?.string == body(example)["message"]?.string)
        }
    }

    /// The object that holds an error's fields.
    private func body(_ message: JSONObject) -> JSONObject {
        message["payload"]?.object(words.parser) ?? message["data"]?.object(words.parser) ?? message
    }

    private func code(_ message: JSONObject) -> String {
        let code = body(message)["code"]
        return code?.string ?? code?.integer?.description ?? ""
    }

    @Test("no example of the documents is left out: these sections are tested, and there are no others")
    func sections() {
        // `third_party`: ThirdPartyStatusTests; `rest`: Tests/EndToEnd/test_document_examples.py; `socketio`:
        // PacketContractTests, test_socketio.py.
        let both: Set = ["client_to_server", "server_to_client"]
        #expect(
            Examples.sections == [
                "jobs": both, "tasks": both.union(["third_party"]), "presence": both.union(["rest"]), "topics": both,
                "socketio": both,
            ])
    }
}
