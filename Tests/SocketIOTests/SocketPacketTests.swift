import JSON
import Testing

@testable import SocketIO

@Suite("Socket.IO")
struct SocketPacketTests {
    private let parser = JSONParser(maxBytes: 65_536)

    private func read(_ text: String) -> String? {
        SocketPacket(Array(text.utf8)[...]).map { packet in
            let id = packet.id.map { "#\($0)" } ?? ""
            let words = [packet.namespace, packet.data].map { String(decoding: $0, as: UTF8.self) }
            return "\(packet.kind) \(words[0]) \(id) \(words[1])"
        }
    }

    @Test("reads every kind of packet")
    func kinds() {
        #expect(read("0") == "connect /  ")
        #expect(read(#"0{"token":"t"}"#) == #"connect /  {"token":"t"}"#)
        #expect(read(#"0/admin,{"token":"t"}"#) == #"connect /admin  {"token":"t"}"#)
        #expect(read("0/admin") == "connect /admin  ")
        #expect(read("0/admin?a=b,{}") == "connect /admin  {}")
        #expect(read("1") == "disconnect /  ")
        #expect(read(#"2["ping"]"#) == #"event /  ["ping"]"#)
        #expect(read(#"213["ping",{}]"#) == #"event / #13 ["ping",{}]"#)
        #expect(read(#"2/admin,456["a"]"#) == #"event /admin #456 ["a"]"#)
        #expect(read(#"37["a"]"#) == #"acknowledgement / #7 ["a"]"#)
        #expect(
            read(#"51-["a",{"_placeholder":true,"num":0}]"#) == #"binaryEvent /  ["a",{"_placeholder":true,"num":0}]"#)
        #expect(read(#"61-/admin,8["a"]"#) == #"binaryAcknowledgement /admin #8 ["a"]"#)
    }

    @Test("refuses what is no packet")
    func broken() {
        for text in ["", "7", "9[]", "x", "5[]", "5-[]", "6", "[]", "-1", "\u{0}"] {
            #expect(read(text) == nil, "\(text)")
        }
    }

    @Test("bounds ids and namespaces")
    func bounds() {
        #expect(read("20[]") == "event / #0 []")
        #expect(read("29007199254740991[]") == "event / #9007199254740991 []")
        #expect(read("29999999999999999[]") == "event / #9999999999999999 []")
        #expect(read("218446744073709551615[]") == nil)
        #expect(read("2" + String(repeating: "0", count: 17) + "[]") == nil)
        let name = "/" + String(repeating: "n", count: SocketPacket.maxNamespaceBytes - 1)
        #expect(read("0\(name),") != nil)
        #expect(read("0\(name)n,") == nil)
    }

    private func message(_ data: String) -> String? {
        guard let event = SocketEvent(Array(data.utf8)[...], parser: parser) else { return nil }
        return (try? event.message(parser: parser)).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test("reads an event's argument as a message, a part of one, or a payload")
    func arguments() {
        let whole = #"{"type":"subscribe_task","id":"s-1","payload":{"videoId":"v"}}"#
        #expect(message(#"["subscribe_task",\#(whole)]"#) == whole)
        #expect(message(#"["subscribe_task",{"id":"s-1","payload":{"videoId":"v"}}]"#) == whole)
        let bare = #"{"type":"subscribe_task","payload":{"videoId":"v"}}"#
        #expect(message(#"["subscribe_task",{"videoId":"v"}]"#) == bare)
        #expect(message(#"["ping"]"#) == #"{"type":"ping"}"#)
        #expect(message(#"["ping",{"type":"ping","id":7}]"#) == #"{"type":"ping","id":7}"#)
        #expect(message(#"["ping",null]"#) == #"{"type":"ping"}"#)
        #expect(message(#"["ping","text",{"videoId":"v"}]"#) == #"{"type":"ping"}"#)
        // The event's name decides, whatever type the argument has.
        #expect(message(#"["ping",{"type":"auth","payload":{}}]"#) == #"{"type":"ping","payload":{}}"#)
    }

    @Test("refuses what is no event")
    func noEvents() {
        for data in ["", "{}", "[]", "[1]", "[null,{}]", #"["a""#, #""a""#, "[[\"a\"]]"] {
            #expect(message(data) == nil, "\(data)")
        }
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("wraps a message as an event of its type")
    func events() {
        let message = #"{"type":"taskUpdated","timestamp":1,"payload":{}}"#
        #expect(text(SocketPacket.event(Array(message.utf8))) == #"42["taskUpdated",\#(message)]"#)
        let odd = #"{"type":"a\"\\","timestamp":1}"#
        #expect(text(SocketPacket.event(Array(odd.utf8))) == #"42["a\"\\",\#(odd)]"#)
        #expect(text(SocketPacket.acknowledgement(0, Array(message.utf8))) == "430[\(message)]")
    }

    @Test("connects, refuses and disconnects")
    func answers() {
        #expect(text(SocketPacket.connected(sid: "n.1")) == #"40{"sid":"n.1"}"#)
        #expect(text(SocketPacket.refusal("Authentication failed")) == #"44{"message":"Authentication failed"}"#)
        #expect(
            text(SocketPacket.refusal("Invalid namespace", namespace: Array("/admin".utf8)[...]))
                == #"44/admin,{"message":"Invalid namespace"}"#)
        #expect(text(SocketPacket.disconnected) == "41")
    }
}
