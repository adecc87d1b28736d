public import JSON

/// An event of a Socket.IO client: its name and its first argument.
///
/// Clients send one argument: the whole message, only its payload beside other fields, or the bare fields of the payload.
public struct SocketEvent: Sendable {
    /// The event's name: the message's type.
    private let name: JSONValue
    private let argument: JSONValue?

    /// The event in an event packet's JSON text: an array whose first element is the name. Nil where it is none.
    public init?(_ data: ArraySlice<UInt8>, parser: JSONParser) {
        guard let elements = try? parser.value(Array(data)).elements, let name = elements.first, name.kind == .string
        else { return nil }
        self.name = name
        argument = elements.dropFirst().first
    }

    /// The message of a plain WebSocket with the same meaning: `{"type":…,"id":…,"payload":…}`.
    public func message(parser: JSONParser) throws(JSONError) -> JSONObject {
        var writer = JSONWriter(capacity: 64 + (argument?.raw.count ?? 0))
        writer.beginObject()
        writer.key("type")
        writer.value(name)
        if let argument, let object = argument.object(parser) { write(argument, object, to: &writer) }
        writer.endObject()
        return try parser.object(writer.bytes)
    }

    private func write(_ argument: JSONValue, _ object: JSONObject, to writer: inout JSONWriter) {
        guard isMessage(object) else {
            writer.key("payload")
            return writer.value(argument)
        }
        for field in object.fields where !field.hasKey("type") { writer.field(field) }
    }

    /// Whether the argument is a whole message, or its payload with an id: not the payload's bare fields.
    private func isMessage(_ object: JSONObject) -> Bool {
        object["payload"]?.kind == .object || object["type"]?.raw.elementsEqual(name.raw) == true
    }
}
