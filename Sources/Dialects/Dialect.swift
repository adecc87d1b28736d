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
    /// The word for it in metrics, logs and its subprotocol.
    static var name: String { get }
    /// What sets it apart from the others.
    static var traits: DialectTraits { get }
    /// The client's name for itself, as the query of its handshake gives it: nil where it gives none. `query` finds the
    /// value of an item. Throws where the query shows a client that cannot be served.
    static func clientID(query: (String) -> String?) throws(Fault) -> String?
    /// The command that `message` is.
    static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand
    /// The messages for `message`, each one JSON object: none where the dialect has no words for it, two where it needs
    /// two.
    static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]]
    /// Several messages as one, for a client that asked for batches (``ClientCommand/authenticate(token:wantsBatches:request:)``).
    /// A dialect whose clients cannot ask leaves the messages as they are.
    static func batch(_ messages: [[UInt8]], now: Int64) -> [[UInt8]]
    /// The id by which a client acknowledges the message that tells `delivery`; nil where it cannot.
    static func messageID(of delivery: Delivery) -> String?
}

extension Dialect {
    /// The WebSocket subprotocol that names the dialect outright.
    public static var subprotocol: String { "fantail.\(name)" }
    /// No name: clients of most dialects have none.
    public static func clientID(query: (String) -> String?) throws(Fault) -> String? { nil }
    /// The messages as they are.
    public static func batch(_ messages: [[UInt8]], now: Int64) -> [[UInt8]] { messages }
    /// No id: clients of most dialects acknowledge nothing.
    public static func messageID(of delivery: Delivery) -> String? { nil }
}
