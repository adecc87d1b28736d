import Examples
import JSON
import Testing

@testable import SocketIO

@Suite("The packets of the contract")
struct PacketContractTests {
    private let parser = JSONParser(maxBytes: 65_536)

    private func packets(_ examples: [String]) -> [String] {
        examples.map { try! parser.value(Array($0.utf8)).string! }
    }

    private func string(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    /// What a packet of a client means: the effect of Engine.IO, and what Socket.IO reads in a message.
    private func meaning(of text: String) throws -> String {
        let packet = try #require(EnginePacket(Array(text.utf8)[...]))
        guard packet.kind == .message else { return "\(packet.kind)\(packet.isProbe ? " probe" : "")" }
        let inner = try #require(SocketPacket(packet.data))
        let about = "\(inner.kind) \(string(inner.namespace)) \(inner.id.map(String.init) ?? "-")"
        guard inner.kind == .event else { return "\(about) \(string(inner.data))" }
        let message = try #require(try SocketEvent(inner.data, parser: parser)?.message(parser: parser))
        return "\(about) \(message["type"]?.string ?? "") \(string(message["payload"]?.raw ?? []))"
    }

    @Test("every packet of a client is read as what it is")
    func fromClient() throws {
        #expect(
            try packets(Examples.fromClient("socketio")).map(meaning) == [
                "connect / - ", #"connect / - {"token":"JWT"}"#, "connect /admin - ",
                #"event / - auth {"token":"JWT"}"#, #"event / - subscribe_task {"videoId":"video_xxx"}"#,
                #"event / 1 requestTaskStatus {"videoId":"video_xxx"}"#, "pong", "disconnect / - ", "close",
                "ping probe", "upgrade",
            ])
    }

    @Test("every packet of the server is written byte for byte")
    func fromServer() {
        let timing = EngineTiming(maxPayloadBytes: 65_536)
        let url = #""videoUrl":"http://example/xxx.mp4","error":null"#
        let payload = #"{"videoId":"video_xxx","status":"COMPLETED","progress":100,\#(url)}"#
        let message = Array(#"{"type":"taskUpdated","timestamp":1763010000000,"payload":\#(payload)}"#.utf8)
        let written = [
            timing.openPacket(sid: "node-0-abc", mayUpgrade: true),
            timing.openPacket(sid: "node-0-abc", mayUpgrade: false), SocketPacket.connected(sid: "node-0-def"),
            SocketPacket.refusal("Authentication failed"),
            SocketPacket.refusal("Invalid namespace", namespace: Array("/admin".utf8)[...]),
            SocketPacket.event(message), SocketPacket.acknowledgement(1, message), EnginePacket.ping,
            SocketPacket.disconnected, EnginePacket.probeAnswer, EnginePacket.noop, EnginePacket.close,
        ]
        #expect(written.map { String(decoding: $0, as: UTF8.self) } == packets(Examples.fromServer("socketio")))
    }
}
