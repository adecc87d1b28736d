import REST
import Access
import Dialects
import HTTP
import WebSocket

/// Which requests become WebSockets, and in which dialect.
struct UpgradeRules {
    /// A request that becomes a WebSocket.
    struct Upgrade {
        let dialect: DialectName
        let acceptance: ServerHandshake.Acceptance
    }

    let origins: OriginPolicy
    var isDraining = false
    var isFull = false

    /// Checks a request in the order that tells the client most: room, path, origin, correctness.
    func accept(_ head: RequestHead, role: ListenerRole) throws(Refusal) -> Upgrade {
        try checkRoom(role)
        let subprotocols = ServerHandshake.offeredSubprotocols(head)
        guard
            let dialect = DialectName.choose(
                path: head.path, query: head.query.items.map(\.name), subprotocols: subprotocols)
        else {
            throw Refusal(404, .notFound, "this path accepts no WebSockets")
        }
        try checkOrigin(head)
        return Upgrade(dialect: dialect, acceptance: try acceptance(head, subprotocols: [dialect.dialect.subprotocol]))
    }

    /// Checks whether the node takes another client at this port.
    func checkRoom(_ role: ListenerRole) throws(Refusal) {
        guard role != .operators else { throw Refusal(404, .notFound, "this port accepts no WebSockets") }
        if isDraining { throw Refusal.draining }
        if isFull {
            throw Refusal(
                503, .unavailable, "this node has no room for another connection", headers: ["Retry-After": "1"])
        }
    }

    /// Checks the page that the client is a part of.
    func checkOrigin(_ head: RequestHead) throws(Refusal) {
        guard origins.admits(host: head.host) else { throw Self.foreignHost }
        guard origins.admits(origin: head.headers["Origin"], host: head.host) else {
            throw Refusal(403, .forbidden, "this origin is not allowed")
        }
    }

    /// The answer to a correct handshake.
    func acceptance(
        _ head: RequestHead, subprotocols: [String] = []
    ) throws(Refusal) -> ServerHandshake.Acceptance {
        do {
            return try ServerHandshake.accept(head: head, subprotocols: subprotocols, allowDeflate: true)
        } catch {
            throw Refusal(error.response)
        }
    }

    /// A development node's answer to a host name that is not its own.
    static var foreignHost: Refusal {
        Refusal(
            403, .forbidden, "a development node accepts requests to localhost and to the hosts of --allow-origin only")
    }
}

extension RequestHead {
    /// Whether the client asks for another protocol, and that protocol is WebSocket (RFC 6455 4.1).
    var wantsWebSocket: Bool { method == "GET" && headers.has("websocket", in: "Upgrade") }
}
