import JSON

@testable import SocketIO

/// Packets of Socket.IO's clients, from the body of a request down to the message.
enum SocketIOFuzz {
    static let bodies = FuzzTarget(name: "socketio", seeds: { seeds.map { Array($0.utf8) } }) { input in
        let parser = JSONParser(maxBytes: 65_536)
        guard let packets = EnginePayload.packets(in: input) else { return }
        demand(!packets.isEmpty && packets.count <= EnginePayload.maxPackets, "\(packets.count) packets")
        let again = packets.map { [$0.kind.rawValue] + $0.data }.joined(separator: [EnginePayload.separator])
        demand(Array(again) == input, "written again, the body is another")
        for packet in packets where packet.kind == .message { read(packet.data, parser) }
        follow(packets)
    }

    private static let seeds = [
        "40", "40{\"token\":\"t\"}\u{1E}3", "42[\"ping\"]", "4213[\"subscribe_task\",{\"videoId\":\"v\"}]",
        "42[\"auth\",{\"type\":\"auth\",\"id\":7,\"payload\":{\"token\":\"t\"}}]", "40/admin,", "41",
        "451-[\"a\",{\"_placeholder\":true,\"num\":0}]", "1", "2probe", "5", "43/admin,9[]",
    ]

    private static func read(_ bytes: ArraySlice<UInt8>, _ parser: JSONParser) {
        guard let packet = SocketPacket(bytes) else { return }
        demand(packet.namespace.first == UInt8(ascii: "/"), "a namespace without its slash")
        guard packet.kind == .event, let event = SocketEvent(packet.data, parser: parser),
            let message = try? event.message(parser: parser)
        else { return }
        demand(message["type"]?.kind == .string, "a message without a type")
        let wrapped = SocketPacket.event(message.bytes)
        guard let back = SocketPacket(wrapped.dropFirst()) else { fatalError("our own packet is none") }
        demand(back.kind == .event && back.isForMain && back.id == nil, "our own packet is another")
        demand((try? parser.value(Array(back.data)))?.elements?.count == 2, "our own event is none")
    }

    /// A session takes them in any order, by both carriers.
    private static func follow(_ packets: [EnginePacket]) {
        var session = EngineSession(.request)
        for (number, packet) in packets.enumerated() {
            _ = session.on(.packet(packet, number.isMultiple(of: 2) ? .request : .webSocket), hasPackets: false)
            _ = session.on(number.isMultiple(of: 3) ? .webSocketOpened : .poll, hasPackets: number.isMultiple(of: 5))
        }
        _ = session.on(.end, hasPackets: false)
        demand(session.transport == .ended && !session.isPollWaiting, "a session that does not end")
    }
}
