public import Events
public import JSON

/// Why a client's message is no command, and the request that the answer names.
public struct DialectFault: Error, Equatable, Sendable {
    /// The error for the client.
    public var fault: Fault
    /// The request's id, as far as it could be read.
    public var request: RequestID?

    /// A fault of `request`.
    public init(_ fault: Fault, request: RequestID?) {
        self.fault = fault
        self.request = request
    }
}

/// One protocol of clients: translates between its JSON messages and Fantail's commands and messages. Stateless.
public protocol Dialect: Sendable {
    /// The name in metrics, logs and its subprotocol.
    static var name: String { get }
    /// The properties in which it differs from others.
    static var traits: DialectTraits { get }
    /// The client's name for itself in the query of its handshake: nil where it gives none. `query` finds the value of
    /// an item. Throws where the query is one that the dialect cannot serve.
    static func clientID(query: (String) -> String?) throws(Fault) -> String?
    /// Reads the command in `message`.
    static func decode(_ message: JSONObject, parser: JSONParser) throws(DialectFault) -> ClientCommand
    /// The client's messages for `message`, each one JSON object: none where the dialect has none for it, two where it
    /// needs two.
    static func encode(_ message: ServerMessage, stamp: MessageStamp) -> [[UInt8]]
    /// Several messages as one, for clients that ask for batches (``asksForBatches(query:)``, and in `auth`
    /// ``ClientCommand/authenticate(token:wantsBatches:request:)``). A dialect without batches leaves the messages unchanged.
    static func batch(_ messages: [[UInt8]], stamp: MessageStamp) -> [[UInt8]]
    /// The id by which a client acknowledges `delivery`; nil where it cannot.
    static func messageID(of delivery: Delivery) -> String?
}

extension Dialect {
    /// The WebSocket subprotocol that selects the dialect.
    public static var subprotocol: String { "fantail.\(name)" }
    /// No name: clients of most dialects have none.
    public static func clientID(query: (String) -> String?) throws(Fault) -> String? { nil }
    /// Whether the query of the handshake asks for batches: `batch=1`, or `true`. `query` finds the value of an item.
    public static func asksForBatches(query: (String) -> String?) -> Bool { ["1", "true"].contains(query("batch")) }
    /// The messages unchanged.
    public static func batch(_ messages: [[UInt8]], stamp: MessageStamp) -> [[UInt8]] { messages }
    /// No id: clients of most dialects acknowledge nothing.
    public static func messageID(of delivery: Delivery) -> String? { nil }
}
