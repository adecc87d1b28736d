import HTTP
import Synchronization

/// Whether the process lives, and whether it should get clients.
enum Health {
    static func live() -> Response { .json(Array(#"{"status":"live"}"#.utf8)) }

    /// 503 with the reason while Redis is away or the node is stopping.
    static func ready(_ shared: NodeShared, isolation: isolated (any Actor)? = #isolation) async -> Response {
        guard let reason = await unreadiness(shared) else { return .json(Array(#"{"status":"ready"}"#.utf8)) }
        return .json(
            Array(#"{"status":"unready","reason":"\#(reason.rawValue)"}"#.utf8), status: 503,
            headers: ["Retry-After": "1"])
    }

    /// Why the node should get no clients now; nil when it should. Every loop is asked: a client may come to any of them.
    static func unreadiness(
        _ shared: NodeShared, isolation: isolated (any Actor)? = #isolation
    ) async -> Unreadiness? {
        if shared.draining { return .draining }
        var reasons: Set<Unreadiness> = []
        for loop in shared.loops.withLock({ $0 }) {
            if let reason = await loop.unreadiness() { reasons.insert(reason) }
        }
        return Unreadiness.allCases.first(where: reasons.contains)
    }
}
