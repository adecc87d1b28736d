import Testing

@testable import SocketIO

@Suite("Engine.IO")
struct EngineIOTests {
    private func request(_ query: [String: String], method: String = "GET", webSocket: Bool = false)
        -> Result<EngineRequest, EngineFault>
    {
        Result { () throws(EngineFault) in
            try EngineRequest(method: method, wantsWebSocket: webSocket) { query[$0] }
        }
    }

    @Test("names each kind of request")
    func kinds() {
        #expect(request(["EIO": "4", "transport": "polling"]) == .success(.open))
        #expect(request(["EIO": "4", "transport": "polling", "sid": "a"]) == .success(.poll(sid: "a")))
        #expect(request(["EIO": "4", "transport": "polling", "sid": "a"], method: "POST") == .success(.post(sid: "a")))
        #expect(request(["EIO": "4", "transport": "websocket"], webSocket: true) == .success(.webSocket(sid: nil)))
        #expect(
            request(["EIO": "4", "transport": "websocket", "sid": "a"], webSocket: true)
                == .success(.webSocket(sid: "a")))
    }

    @Test("refuses each other request with its own code")
    func refusals() {
        #expect(request([:]) == .failure(.unsupportedVersion))
        #expect(request(["EIO": "3", "transport": "polling"]) == .failure(.unsupportedVersion))
        #expect(request(["EIO": "4"]) == .failure(.unknownTransport))
        #expect(request(["EIO": "4", "transport": "flashsocket"]) == .failure(.unknownTransport))
        #expect(request(["EIO": "4", "transport": "constructor"]) == .failure(.unknownTransport))
        #expect(request(["EIO": "4", "transport": "polling"], method: "POST") == .failure(.badMethod))
        #expect(request(["EIO": "4", "transport": "polling", "sid": "a"], method: "PUT") == .failure(.badRequest))
        #expect(request(["EIO": "4", "transport": "websocket"]) == .failure(.badRequest))
        #expect(request(["EIO": "4", "transport": "polling"], webSocket: true) == .failure(.badRequest))
        #expect(request(["EIO": "4", "transport": "polling", "sid": ""]) == .failure(.unknownSession))
        let long = String(repeating: "s", count: EngineRequest.maxSessionIDLength)
        #expect(request(["EIO": "4", "transport": "polling", "sid": long]) == .success(.poll(sid: long)))
        #expect(request(["EIO": "4", "transport": "polling", "sid": long + "s"]) == .failure(.unknownSession))
    }

    @Test("says why in the words that clients know")
    func bodies() {
        #expect(
            EngineFault.unsupportedVersion.body == Array(#"{"code":5,"message":"Unsupported protocol version"}"#.utf8))
        #expect(EngineFault.allCases.map(\.rawValue) == Array(0...5))
        #expect(EngineFault.allCases.filter { $0.status != 400 } == [.forbidden])
    }

    @Test("opens a session with its times")
    func open() {
        let timing = EngineTiming(maxPayloadBytes: 65_536)
        let packet =
            #"0{"sid":"n.1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}"#
        #expect(timing.openPacket(sid: "n.1", mayUpgrade: true) == Array(packet.utf8))
        let last = packet.replacing(#"["websocket"]"#, with: "[]")
        #expect(timing.openPacket(sid: "n.1", mayUpgrade: false) == Array(last.utf8))
    }

    @Test("reads the packets of a body, or none of them")
    func payload() {
        func read(_ text: String) -> [String]? {
            EnginePayload.packets(in: Array(text.utf8))?.map {
                "\($0.kind) \(String(decoding: $0.data, as: UTF8.self))"
            }
        }
        #expect(read("40") == ["message 0"])
        #expect(read("40\u{1E}3\u{1E}42[\"a\"]") == ["message 0", "pong ", "message 2[\"a\"]"])
        for broken in ["", "\u{1E}", "4\u{1E}", "\u{1E}4", "7", "a4AQ==", "4a\u{1E}x", "\u{1E}\u{1E}"] {
            #expect(read(broken) == nil, "\(broken)")
        }
        let most = Array(repeating: "3", count: EnginePayload.maxPackets).joined(separator: "\u{1E}")
        #expect(read(most)?.count == EnginePayload.maxPackets)
        #expect(read(most + "\u{1E}3") == nil)
    }
}
