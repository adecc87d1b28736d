/// A packet of Socket.IO 5: `<kind>[<attachments>-][<namespace>,][<id>][JSON]` (Socket.IO protocol, "Packet encoding").
public struct SocketPacket: Equatable, Sendable {
    /// What a packet is for. The value is its digit in ASCII.
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// Connect to a namespace, with `auth`; connected.
        case connect = 0x30
        /// Leave the namespace.
        case disconnect
        /// An event: its name and arguments.
        case event
        /// The answer to an event that has an id.
        case acknowledgement
        /// Refused to connect.
        case connectError
        /// An event whose arguments have binary attachments.
        case binaryEvent
        /// The same of an answer.
        case binaryAcknowledgement
    }

    /// What it is for.
    public let kind: Kind
    /// The namespace, `/` unless the packet names another; without what follows a `?`.
    public let namespace: ArraySlice<UInt8>
    /// The id of an event that wants an answer, or of the answer.
    public let id: UInt64?
    /// The JSON text; empty where there is none.
    public let data: ArraySlice<UInt8>

    /// Bytes of a namespace's name that are sent back.
    public static let maxNamespaceBytes = 256
    /// Digits of an id: a client counts them up from 0, and JavaScript's whole numbers have 16.
    public static let maxIDDigits = 16

    /// Reads a packet; nil where the text is none. The JSON text is not looked at.
    public init?(_ text: ArraySlice<UInt8>) {
        guard let first = text.first, let kind = Kind(rawValue: first) else { return nil }
        var rest = text.dropFirst()
        if kind == .binaryEvent || kind == .binaryAcknowledgement {
            let digits = rest.prefix(while: Self.isDigit)
            rest = rest.dropFirst(digits.count)
            guard !digits.isEmpty, rest.popFirst() == UInt8(ascii: "-") else { return nil }
        }
        guard let namespace = Self.namespace(&rest) else { return nil }
        let digits = rest.prefix(while: Self.isDigit)
        guard digits.count <= Self.maxIDDigits else { return nil }
        self.kind = kind
        self.namespace = namespace
        id = digits.isEmpty ? nil : digits.reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
        data = rest.dropFirst(digits.count)
    }

    /// Whether it is for the namespace that every client is in.
    public var isForMain: Bool { namespace.elementsEqual("/".utf8) }

    /// Takes the namespace from the beginning of `rest`; nil where it is too long.
    private static func namespace(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard rest.first == UInt8(ascii: "/") else { return [UInt8(ascii: "/")] }
        let name = rest.prefix { $0 != UInt8(ascii: ",") }
        rest = rest.dropFirst(name.count + 1)
        let path = name.prefix { $0 != UInt8(ascii: "?") }
        return path.count <= maxNamespaceBytes ? path : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
