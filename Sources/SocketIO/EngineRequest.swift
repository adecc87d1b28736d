/// What a request of Engine.IO asks for, by its method and query (Engine.IO protocol, "Query parameters").
public enum EngineRequest: Equatable, Sendable {
    /// Begin a session that polls.
    case open
    /// Wait for packets of the session.
    case poll(sid: String)
    /// The body has packets for the session.
    case post(sid: String)
    /// A WebSocket: of a session of its own, or of the one that `sid` names.
    case webSocket(sid: String?)

    /// Characters of a session's id that are looked at.
    public static let maxSessionIDLength = 128

    /// Reads a request; `query` finds the value of an item.
    public init(method: String, wantsWebSocket: Bool, query: (String) -> String?) throws(EngineFault) {
        guard query("EIO") == "4" else { throw .unsupportedVersion }
        let sid = query("sid")
        if let sid, sid.isEmpty || sid.utf8.count > Self.maxSessionIDLength { throw .unknownSession }
        switch (query("transport"), sid) {
        case ("websocket", _):
            guard wantsWebSocket else { throw .badRequest }
            self = .webSocket(sid: sid)
        case ("polling", _) where wantsWebSocket: throw .badRequest
        case ("polling", nil):
            guard method == "GET" else { throw .badMethod }
            self = .open
        case ("polling", let sid?):
            switch method {
            case "GET": self = .poll(sid: sid)
            case "POST": self = .post(sid: sid)
            default: throw .badRequest
            }
        default: throw .unknownTransport
        }
    }
}
