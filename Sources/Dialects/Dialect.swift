public import Events
public import JSON

/// Why a client's message is no command, and which request to blame.
public struct DialectFault: Error, Equatable, Sendable {
    /// What the client is to be told.
    public var fault: Fault
    /// The request's id, as far as it could be read.
    public var request: RequestID?

    /// A fault of `request`.
    public init(_ fault: Fault, request: RequestID?) {
        self.fault = fault
        self.request = request
    }
}

/// One of the ways clients speak: neutral commands and messages to and from its wire shapes. Stateless.
public protocol Dialect: Sendable {
    /// Which one.
    static var name: DialectName { get }
    /// The WebSocket subprotocol that names it outright.
    static var subprotocol: String { get }
    /// The command that `message` is.
    static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand
    /// The messages for `message`, each one JSON object: none where the dialect has no words for it, two where it needs
    /// two.
    static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]]
}
