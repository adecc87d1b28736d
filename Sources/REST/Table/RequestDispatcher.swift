package import Access
package import HTTP

/// Passes requests to the rows of the table, and checks that the caller may use the row.
package final class RequestDispatcher {
    private let table: RouteTable
    private let authenticator: Authenticator
    private let node: any NodeSurvey
    /// The time of day, milliseconds since 1970.
    private let now: () -> Int64

    package init(_ table: RouteTable, authenticator: Authenticator, node: any NodeSurvey, now: @escaping () -> Int64) {
        self.table = table
        self.authenticator = authenticator
        self.node = node
        self.now = now
    }

    /// The caller of a request whose body must be read; nil where no row takes a body. Decided from the head alone, so
    /// that a caller who may not send a body costs no memory. Throws the refusal.
    package func sender(of request: Request) throws(Refusal) -> Caller? {
        guard case .route(let route, _) = table.find(request.head, at: request.role), route.takesBody,
            case .known(let scope, _) = route.handler
        else { return nil }
        if node.isStopping { throw Refusal.draining }
        let caller = try identify(request, scope)
        try JSONBody.requireJSON(request.head)
        return caller
    }

    /// The event stream that a request asks for; nil where it asks for none. Throws the refusal.
    package func stream(for request: Request) throws(Refusal) -> EventStreamRoute? {
        guard case .route(let route, let values) = table.find(request.head, at: request.role),
            case .stream(let open) = route.handler
        else { return nil }
        if node.isStopping { throw Refusal.draining }
        let caller: Caller
        // EventSource sets no header, so the query may carry the token.
        do { caller = try authenticator.caller(ofStream: request.head, now: now()) } catch { throw Refusal(error) }
        return try open(Call(request: request, caller: caller, values: values))
    }

    /// Answers any request.
    package nonisolated(nonsending) func answer(_ request: Request) async -> Response {
        do throws(Refusal) {
            return try await answerOrRefuse(request)
        } catch {
            return error.response
        }
    }

    nonisolated(nonsending) private func answerOrRefuse(_ request: Request) async throws(Refusal) -> Response {
        let finding = table.find(request.head, at: request.role)
        if node.isStopping, !Self.isAnsweredWhileStopping(finding, at: request.role) { throw Refusal.draining }
        switch finding {
        case .nothing, .otherPort: throw Refusal(404, .notFound, "there is nothing at this path")
        case .otherMethods(let rows):
            let allowed = rows.allowed
            throw Refusal(405, .methodNotAllowed, "this path takes \(allowed)", headers: ["Allow": allowed])
        case .route(let route, let values):
            switch route.handler {
            case .open(let answer): return try await answer(request)
            case .known(let scope, let answer):
                let caller = try identify(request, scope)
                return try await answer(Call(request: request, caller: caller, values: values))
            // Callers try ``stream(for:)`` first, so a request that gets here cannot have a stream.
            case .stream: throw Refusal(406, .badRequest, "no event stream answers this request")
            }
        }
    }

    /// A draining node still answers for paths of other ports, and for operators' pages.
    private static func isAnsweredWhileStopping(_ finding: RouteTable.Finding, at role: ListenerRole) -> Bool {
        switch finding {
        case .route(let route, _): route.answersWhileStopping
        case .otherMethods(let rows): rows.allSatisfy(\.answersWhileStopping)
        case .otherPort: true
        case .nothing: role == .operators
        }
    }

    /// The caller of a request, identified before or now; throws 401 for an unknown one, 403 without the scope.
    private func identify(_ request: Request, _ scope: Route.Scope) throws(Refusal) -> Caller {
        let caller: Caller
        if let known = request.caller {
            caller = known
        } else {
            do { caller = try authenticator.caller(request.head.headers, now: now()) } catch { throw Refusal(error) }
        }
        guard scope == .any || caller.has(scope: scope.rawValue) else {
            throw Refusal(403, .forbidden, "the token lacks the scope \(scope.rawValue)")
        }
        return caller
    }
}
