import Examples
import JSON
import Testing

@testable import Events
@testable import Dialects

@Suite("Commands of topics")
struct TopicsCommandTests {
    private let words = Words()

    private func decode(_ text: String) throws(DialectFault) -> ClientCommand {
        try TopicsDialect.decode(words.object(text), parser: words.parser)
    }

    @Test("each message is its command, with messageId as the request's id")
    func commands() throws {
        let request = RequestID(words.object(#"{"id":"c-1"}"#)["id"])
        let orders = ChannelName("topic:orders?id=5")!
        for (text, command) in [
            (
                #"{"type":"subscribe","messageId":"c-1","data":{"topic":"orders","params":{"id":5},"epoch":"e","sequence":4}}"#,
                .subscribe(orders, since: Position(epoch: "e", sequence: 4), request: request)
            ),
            (
                #"{"type":"subscribe","data":{"topic":"task","params":{"taskId":"v"}}}"#,
                .subscribe(ChannelName("task:v")!, since: nil, request: nil)
            ),
            (
                #"{"type":"unsubscribe","messageId":"c-1","data":{"topic":"orders","params":{"id":"5"}}}"#,
                .unsubscribe(orders, request: request)
            ),
            (
                #"{"type":"unsubscribe","messageId":"c-1","data":{"topic":"orders"}}"#,
                .unsubscribeTopic("orders", request: request)
            ),
            (
                #"{"type":"unsubscribe","data":{"topic":"task","params":null}}"#,
                .unsubscribeTopic("task", request: nil)
            ),
            (#"{"type":"heartbeat"}"#, .ping(request: nil)), (#"{"type":"disconnect"}"#, .disconnect),
            (#"{"type":"ack","data":{"messageId":"msg_1"}}"#, .acknowledge(messageID: "msg_1")),
        ] as [(String, ClientCommand)] {
            #expect(try decode(text) == command, "\(text)")
        }
    }

    @Test(
        "what is wrong is named, with the request to blame",
        arguments: [
            (#"{"type":"subscribe","messageId":"c-1"}"#, "data.topic"),
            (#"{"type":"subscribe","messageId":"c-1","data":"orders"}"#, "data.topic"),
            (#"{"type":"subscribe","messageId":"c-1","data":{"topic":7}}"#, "data.topic"),
            (#"{"type":"subscribe","messageId":"c-1","data":{"topic":"a b"}}"#, "topic"),
            (#"{"type":"subscribe","messageId":"c-1","data":{"topic":"o","params":[]}}"#, "data.params"),
            (#"{"type":"subscribe","messageId":"c-1","data":{"topic":"o","params":{"k":[]}}}"#, "params.k"),
            (#"{"type":"subscribe","messageId":"c-1","data":{"topic":"task"}}"#, "params.taskId"),
            (#"{"type":"unsubscribe","messageId":"c-1","data":{}}"#, "data.topic"),
            (#"{"type":"unsubscribe","messageId":"c-1","data":{"topic":"a b"}}"#, "data.topic"),
            (#"{"type":"ack","messageId":"c-1","data":{"messageId":7}}"#, "data.messageId"),
        ])
    func wrong(_ text: String, _ field: String) {
        do throws(DialectFault) {
            _ = try decode(text)
            Issue.record("understood: \(text)")
        } catch {
            #expect(
                error.fault.code == .invalidMessage && error.fault.message.contains(field), "\(error.fault.message)")
            #expect(error.request?.raw.map { String(decoding: $0, as: UTF8.self) } == #""c-1""#)
        }
    }

    @Test(
        "what only the server says is no operation of a client's, and no unknown word",
        arguments: ["connect", "error", "notification", "status", "data"])
    func serversWords(_ type: String) {
        do throws(DialectFault) {
            _ = try decode(#"{"type":"\#(type)","messageId":"c-1","data":{"topic":"orders"}}"#)
            Issue.record("understood: \(type)")
        } catch {
            #expect(error.fault.code == .invalidOperation && error.fault.message.contains(type))
            #expect(error.request != nil && error.fault.code.number == 3002)
        }
    }

    @Test("answers name the request, the topic and its params")
    func answers() {
        let request = RequestID(words.object(#"{"id":"c-1"}"#)["id"])
        let orders = ChannelName("topic:orders?id=5")!
        func data(_ message: ServerMessage) -> JSONObject {
            let said = words.encode(message, .topics)[0]
            #expect(said["type"]?.string == "ack" && said["messageId"]?.string == "msg_test-1")
            return said["data"]!.object(words.parser)!
        }
        let place = Position(epoch: "e", sequence: 4)
        let joined = data(.subscribed(orders, position: place, recovered: true, request: request))
        #expect(joined["messageId"]?.string == "c-1" && joined["topic"]?.string == "orders")
        #expect(joined["params"]?.object(words.parser)?["id"]?.string == "5" && joined["subscribed"]?.bool == true)
        #expect(joined["epoch"]?.string == "e" && joined["sequence"]?.integer == 4 && joined["recovered"]?.bool == true)
        #expect(data(.unsubscribed(orders, request: request))["subscribed"]?.bool == false)
        let left = data(.unsubscribedTopic("orders", request: request))
        #expect(left["topic"]?.string == "orders" && left["subscribed"]?.bool == false && left["params"] == nil)
    }

    @Test("a refusal is a number, and names the request and the subscription")
    func refusals() {
        let fault = Fault(.forbidden, "no", subject: ChannelName("task:v"))
        let request = RequestID(words.object(#"{"id":7}"#)["id"])
        let data = words.encode(.fault(fault, request: request), .topics)[0]["data"]!.object(words.parser)!
        #expect(data["code"]?.integer == 3001 && data["message"]?.string == "no")
        let details = data["details"]!.object(words.parser)!
        #expect(details["messageId"]?.integer == 7 && details["topic"]?.string == "task")
        let bare = words.encode(.fault(Fault(.protocolError, "p"), request: nil), .topics)[0]["data"]!
        #expect(bare.object(words.parser)?["code"]?.integer == 1002 && bare.object(words.parser)?["details"] == nil)
    }
}
