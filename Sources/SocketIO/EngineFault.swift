/// Why a request of Engine.IO is refused. The answer's body is `{"code":…,"message":…}`, which clients know.
public enum EngineFault: Int, Error, CaseIterable, Sendable {
    /// `transport` is neither `polling` nor `websocket`.
    case unknownTransport = 0
    /// The node has no session of this `sid`.
    case unknownSession = 1
    /// A session begins with GET.
    case badMethod = 2
    /// The request does not fit the session, or its body has no packets.
    case badRequest = 3
    /// The origin or the host may not connect.
    case forbidden = 4
    /// `EIO` is not 4.
    case unsupportedVersion = 5

    /// The words that engine.io's own server has for it.
    public var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .unsupportedVersion: "Unsupported protocol version"
        }
    }

    /// The status of the answer.
    public var status: Int { self == .forbidden ? 403 : 400 }

    /// The answer's body.
    public var body: [UInt8] { Array(#"{"code":\#(rawValue),"message":"\#(message)"}"#.utf8) }
}
