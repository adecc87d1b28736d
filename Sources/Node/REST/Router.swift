import HTTP
import WebSocket

/// Which handler answers which request.
enum Router {
    /// Answers any request.
    static func answer(
        _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async -> Response {
        do throws(Refusal) {
            return try await route(request, core: core)
        } catch {
            return error.response
        }
    }

    private static func route(
        _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        let path = request.head.segments
        guard request.door.serves(path) else { throw nothing }
        if core.shared.draining, path.first != "health", path != ["metrics"] {
            throw draining
        }
        switch path.count {
        case 2 where path == ["health", "live"]:
            try allow(["GET", "HEAD"], request)
            return Health.live()
        case 2 where path == ["health", "ready"]:
            try allow(["GET", "HEAD"], request)
            return Health.ready(core)
        case 1 where path == ["metrics"]:
            try allow(["GET", "HEAD"], request)
            return await MetricsPage.answer(core: core)
        case 4 where path.starts(with: ["api", "v1", "tasks"]):
            try allow(["GET", "HEAD"], request)
            return try await TaskRoutes.state(of: path[3], request, core: core)
        case 5 where path.starts(with: ["api", "v1", "tasks"]) && path[4] == "events":
            try allow(["GET", "HEAD", "POST"], request)
            if request.head.method != "POST" {
                return try await HistoryRoute.events(of: path[3], request, core: core)
            }
            return try await TaskRoutes.publish(to: path[3], request, core: core)
        case 3 where path == ["api", "v1", "online"]:
            try allow(["GET", "HEAD"], request)
            return try await PresenceRoutes.online(request, core: core)
        case 4 where path == ["api", "v1", "online", "count"]:
            try allow(["GET", "HEAD"], request)
            return try await PresenceRoutes.count(request, core: core)
        case 4 where path.starts(with: ["api", "v1", "status"]):
            try allow(["GET", "HEAD"], request)
            return try await PresenceRoutes.status(of: path[3], request, core: core)
        case 3 where path == ["api", "v1", "nodes"]:
            try allow(["GET", "HEAD"], request)
            return try await NodeRoutes.list(request, core: core)
        case 5 where path.starts(with: ["api", "v1", "users"]) && path[4] == "connections":
            try allow(["DELETE"], request)
            return try await PresenceRoutes.disconnect(path[3], request, core: core)
        case 5 where path.starts(with: ["api", "v1", "users"]) && path[4] == "notifications":
            try allow(["POST"], request)
            return try await NotificationRoutes.notify(path[3], request, core: core)
        case 5 where path.starts(with: ["api", "v1", "topics"]) && path[4] == "messages":
            try allow(["POST"], request)
            return try await TopicRoutes.publish(to: path[3], request, core: core)
        default:
            if ["/ws", "/api/v1/ws"].contains(request.head.path) {
                if let rejection = Handshake.socketIORejection(request.head) { throw Refusal(rejection.response) }
                throw Refusal(426, .badRequest, "this path speaks WebSocket", headers: ["Upgrade": "websocket"])
            }
            throw nothing
        }
    }

    private static var nothing: Refusal { Refusal(404, .notFound, "there is nothing at this path") }

    /// What is answered while the node stops.
    static var draining: Refusal {
        Refusal(503, .draining, "this node is stopping; another one will answer", headers: ["Retry-After": "1"])
    }

    private static func allow(_ methods: [String], _ request: Request) throws(Refusal) {
        guard !methods.contains(request.head.method) else { return }
        let list = methods.joined(separator: ", ")
        throw Refusal(405, .methodNotAllowed, "this path takes \(list)", headers: ["Allow": list])
    }
}
