public import JSON

/// Users online, notifications, chat and typing (interfaces/presence.md).
public enum PresenceDialect: Dialect {
    /// `presence`
    public static let name = DialectName.presence
    /// `fantail.presence`
    public static let subprotocol = "fantail.presence"

    /// The command that `message` is.
    public static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        throw DialectFault(.unknownType(message["type"]?.string ?? ""), request: nil)
    }

    /// The messages for `message`.
    public static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]] { [] }
}
