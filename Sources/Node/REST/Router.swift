import HTTP
import Web
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

    /// What is answered while the node stops.
    static var draining: Refusal {
        Refusal(503, .draining, "this node is stopping; another one will answer", headers: ["Retry-After": "1"])
    }

    private static func route(
        _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        let path = request.head.segments
        guard request.role.serves(path) else { throw nothing(at: request) }
        if path.first == "health" { return try await health(path.dropFirst(), request, core: core) }
        if path == ["metrics"] {
            try allow(["GET", "HEAD"], request)
            return await MetricsRoute.answer(core: core)
        }
        if core.shared.draining { throw draining }
        if let file = WebFile.at("/" + path.joined(separator: "/")) {
            try allow(["GET", "HEAD"], request)
            return file.response(to: request.head.headers)
        }
        // What a page loads stands beside it.
        if path.count > 1, path.last == "", let page = path.dropLast().last,
            WebFile.at("/" + path.dropLast().joined(separator: "/"))?.isPage == true
        {
            try allow(["GET", "HEAD"], request)
            return Response(status: 308, headers: ["Location": "../\(page)"])
        }
        guard path.starts(with: ["api", "v1"]), path.count > 2 else { throw nothing(at: request) }
        let rest = path.dropFirst(3)
        switch path[2] {
        case "tasks": return try await tasks(rest, request, core: core)
        case "users": return try await users(rest, request, core: core)
        case "topics": return try await topics(rest, request, core: core)
        case "online", "status", "nodes": return try await presence(path[2], rest, request, core: core)
        default: throw nothing(at: request)
        }
    }

    private static func health(
        _ path: ArraySlice<String>, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        switch path {
        case ["live"]:
            try allow(["GET", "HEAD"], request)
            return Health.live()
        case ["ready"]:
            try allow(["GET", "HEAD"], request)
            return await Health.ready(core.shared)
        default: throw nothing(at: request)
        }
    }

    private static func tasks(
        _ path: ArraySlice<String>, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        guard let id = path.first else {
            try allow(["POST"], request)
            return try await RegistrationRoutes.register(request, core: core)
        }
        switch path.dropFirst() {
        case []:
            try allow(["GET", "HEAD"], request)
            return try await TaskRoutes.state(of: id, request, core: core)
        case ["events"] where request.head.method == "POST":
            return try await TaskRoutes.publish(to: id, request, core: core)
        case ["events"]:
            try allow(["GET", "HEAD", "POST"], request)
            return try await HistoryRoute.events(of: id, request, core: core)
        default: throw nothing(at: request)
        }
    }

    private static func users(
        _ path: ArraySlice<String>, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        guard let id = path.first else { throw nothing(at: request) }
        switch path.dropFirst() {
        case ["notifications"]:
            try allow(["POST"], request)
            return try await NotificationRoutes.notify(id, request, core: core)
        case ["connections"]:
            try allow(["DELETE"], request)
            return try await PresenceRoutes.disconnect(id, request, core: core)
        default: throw nothing(at: request)
        }
    }

    private static func topics(
        _ path: ArraySlice<String>, _ request: Request, core: LoopCore, isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        guard let topic = path.first, path.dropFirst() == ["messages"] else { throw nothing(at: request) }
        try allow(["POST"], request)
        return try await TopicRoutes.publish(to: topic, request, core: core)
    }

    private static func presence(
        _ resource: String, _ path: ArraySlice<String>, _ request: Request, core: LoopCore,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(Refusal) -> Response {
        switch (resource, path.count) {
        case ("online", 0):
            try allow(["GET", "HEAD"], request)
            return try await PresenceRoutes.online(request, core: core)
        case ("online", 1) where path.first == "count":
            try allow(["GET", "HEAD"], request)
            return try await PresenceRoutes.count(request, core: core)
        case ("status", 1):
            try allow(["GET", "HEAD"], request)
            return try await PresenceRoutes.status(of: path.first ?? "", request, core: core)
        case ("nodes", 0):
            try allow(["GET", "HEAD"], request)
            return try await NodeRoutes.list(request, core: core)
        default: throw nothing(at: request)
        }
    }

    /// 404, or at the WebSockets' paths what is expected there.
    private static func nothing(at request: Request) -> Refusal {
        guard ["/ws", "/api/v1/ws"].contains(request.head.path) else {
            return Refusal(404, .notFound, "there is nothing at this path")
        }
        if let rejection = Handshake.socketIORejection(request.head) { return Refusal(rejection.response) }
        return Refusal(
            426, .badRequest, "this path speaks WebSocket",
            headers: ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"])
    }

    private static func allow(_ methods: [String], _ request: Request) throws(Refusal) {
        guard !methods.contains(request.head.method) else { return }
        let list = methods.joined(separator: ", ")
        throw Refusal(405, .methodNotAllowed, "this path takes \(list)", headers: ["Allow": list])
    }
}
