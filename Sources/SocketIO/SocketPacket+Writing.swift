/// Packets of the server, each in its packet of Engine.IO: `4`, then the packet of Socket.IO.
extension SocketPacket {
    /// The event that carries `message`, a JSON object whose first field is its `type`: `42["type",message]`.
    public static func event(_ message: [UInt8]) -> [UInt8] {
        let name = typeText(of: message)
        var packet = [EnginePacket.Kind.message.rawValue, Kind.event.rawValue]
        packet.reserveCapacity(message.count + name.count + 5)
        packet.append(UInt8(ascii: "["))
        packet += name
        packet.append(UInt8(ascii: ","))
        packet += message
        packet.append(UInt8(ascii: "]"))
        return packet
    }

    /// The answer to the event of that id: `43id[message]`.
    public static func acknowledgement(_ id: UInt64, _ message: [UInt8]) -> [UInt8] {
        head(.acknowledgement) + Array("\(id)[".utf8) + message + [UInt8(ascii: "]")]
    }

    /// The client is connected, as `sid`, whose characters JSON does not escape.
    public static func connected(sid: String) -> [UInt8] { head(.connect) + Array(#"{"sid":"\#(sid)"}"#.utf8) }

    /// The client is refused. `text` has no character that JSON escapes.
    public static func refusal(_ text: StaticString, namespace: ArraySlice<UInt8> = []) -> [UInt8] {
        let separator = namespace.isEmpty ? [] : [UInt8(ascii: ",")]
        return head(.connectError) + namespace + separator + Array(#"{"message":"\#(text)"}"#.utf8)
    }

    /// The client is disconnected: its library does not come back by itself.
    public static let disconnected = head(.disconnect)

    private static func head(_ kind: Kind) -> [UInt8] { [EnginePacket.Kind.message.rawValue, kind.rawValue] }

    /// The JSON text of a message's type, with its quotes.
    private static func typeText(of message: [UInt8]) -> ArraySlice<UInt8> {
        let start = #"{"type":"#.utf8.count
        var end = start + 1
        while end < message.count, message[end] != UInt8(ascii: "\"") {
            end += message[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        precondition(end < message.count, "SocketPacket: the message's first field is not its type")
        return message[start...end]
    }
}
