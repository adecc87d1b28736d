import Access
import Events
import Dialects
import HTTP
import Synchronization
import WebSocket

/// Who may upgrade to a WebSocket, and which dialect is then spoken.
enum UpgradeRules {
    /// A good handshake.
    struct Admission {
        let dialect: DialectName
        let acceptance: Handshake.Acceptance
    }

    /// Checks a handshake in the order that says most: is there room, is it ours, may it come from there, is it correct.
    static func admit(_ head: RequestHead, shared: NodeShared) throws(Refusal) -> Admission {
        if shared.draining {
            throw unavailable(.draining, "this node is stopping; another one will answer")
        }
        if shared.connectionCount.load(ordering: .relaxed) > shared.limits.connections {
            throw unavailable(.unavailable, "this node is full")
        }
        if let rejection = Handshake.socketIORejection(head) { throw Refusal(rejection.response) }
        let subprotocols = Handshake.offeredSubprotocols(head)
        guard
            let dialect = DialectName.choose(
                path: head.path, query: head.query.items.map(\.name), subprotocols: subprotocols)
        else {
            throw Refusal(404, .notFound, "there is no WebSocket at this path")
        }
        guard shared.origins.admits(host: head.host) else { throw foreignHost }
        guard shared.origins.admits(origin: head.headers["Origin"], host: head.host) else {
            throw Refusal(403, .forbidden, "this origin is not allowed")
        }
        do {
            let acceptance = try Handshake.accept(
                head: head, subprotocols: [dialect.dialect.subprotocol], allowDeflate: true)
            return Admission(dialect: dialect, acceptance: acceptance)
        } catch {
            throw Refusal(error.response)
        }
    }

    /// What a development node answers to a name that is not its own.
    static var foreignHost: Refusal {
        Refusal(403, .forbidden, "a development node answers to localhost, and to hosts that --allow-origin names")
    }

    private static func unavailable(_ code: ErrorCode, _ message: String) -> Refusal {
        Refusal(503, code, message, headers: ["Retry-After": "1"])
    }
}

extension RequestHead {
    /// Whether the client asks for another protocol, and it is ours (RFC 6455 4.1).
    var wantsWebSocket: Bool { method == "GET" && headers.has("websocket", in: "Upgrade") }
}
