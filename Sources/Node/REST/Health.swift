import HTTP
import RedisClient
import Synchronization

/// Whether the process lives, and whether it should get clients.
enum Health {
    static func live() -> Response { .json(Array(#"{"status":"live"}"#.utf8)) }

    /// 503 with the reason while Redis is away or the node is stopping.
    static func ready(_ core: LoopCore) -> Response {
        guard let reason = unreadiness(core) else { return .json(Array(#"{"status":"ready"}"#.utf8)) }
        return .json(
            Array(#"{"status":"unready","reason":"\#(reason)"}"#.utf8), status: 503, headers: ["Retry-After": "1"])
    }

    /// Why the node should get no clients now; nil when it should.
    static func unreadiness(_ core: LoopCore) -> String? {
        if core.shared.draining {
            "draining"
        } else if !core.redis.isReady {
            "redis_commands"
        } else if !core.subscriptions.isReady {
            "redis_pubsub"
        } else if core.shared.failingProbes.load(ordering: .relaxed) > 0 {
            "redis_delivery"
        } else {
            nil
        }
    }
}
