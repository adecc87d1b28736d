/// Why a connection is closed (RFC 6455 7.4).
public struct CloseCode: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    public let rawValue: UInt16

    /// The code of that number, valid on the wire or not.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The work is done.
    public static let normal = CloseCode(rawValue: 1000)
    /// The browser leaves the page, or the server shuts down.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// A frame broke RFC 6455.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// A kind of data that the node does not accept.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// A close without a code; never sent.
    public static let noStatus = CloseCode(rawValue: 1005)
    /// A connection that ended without a close; never sent.
    public static let abnormal = CloseCode(rawValue: 1006)
    /// Text that is not UTF-8, or compressed data that cannot be inflated.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// Authentication, expiry, flood, or an administrator's order.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// A message above its bound.
    public static let messageTooBig = CloseCode(rawValue: 1009)
    /// The client requires an extension.
    public static let mandatoryExtension = CloseCode(rawValue: 1010)
    /// An error of the server.
    public static let internalError = CloseCode(rawValue: 1011)
    /// This node is draining; connect to another one.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// The client is too slow, or there are too many; retry later.
    public static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether a close frame may carry it: RFC 6455 7.4.1 and 7.4.2, with IANA's later additions (1012 to 1014).
    public var isValidOnTheWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension CloseCode {
    /// A close frame's payload: nothing, or a code and a reason (RFC 6455 5.5.1).
    static func parse(_ payload: [UInt8]) throws(WebSocketError) -> (CloseCode?, reason: String) {
        guard !payload.isEmpty else { return (nil, "") }
        guard payload.count >= 2 else { throw .broken("close code of one byte") }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isValidOnTheWire else { throw .broken("close code that may not be sent") }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw .invalid("close reason is not UTF-8")
        }
        return (code, reason)
    }
}
