public import JSON

/// An envelope for any subscription (interfaces/topics.md).
public enum TopicsDialect: Dialect {
    /// `topics`
    public static let name = DialectName.topics
    /// `fantail.topics`
    public static let subprotocol = "fantail.topics"

    /// The command that `message` is.
    public static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand {
        throw DialectFault(.unknownType(message["type"]?.string ?? ""), request: nil)
    }

    /// The messages for `message`.
    public static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]] { [] }
}
