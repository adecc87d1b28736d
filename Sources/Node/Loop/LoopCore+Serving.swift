import Access
import EventLoop
import HTTP

/// What connections are given of the loop.
extension LoopCore {
    func makeConnections() -> LoopConnections {
        let configuration = shared.configuration
        let clients = ClientLog(loop: loop, limits: limits, tally: counters.serving, log: log)
        let viewers = ViewerServices(
            loop: loop, limits: limits, watch: configuration.watch, following: subscriptions, tally: counters.serving,
            clients: clients, isConnected: { [unowned self] in isConnected })
        let store = AcknowledgementStore(
            redis: redis, naming: configuration.naming, origin: events.origin, most: limits.pendingAcknowledgements,
            seconds: limits.acknowledgementSeconds)
        let rules = SessionServices.Rules(
            configuration, limits, silenceMilliseconds: shared.silenceMilliseconds, startedAt: shared.startedAt)
        let sessions = SessionServices(
            viewers: viewers, rules: rules, authenticator: shared.authenticator,
            presence: presence, announcements: personal, frames: events, acknowledgements: store)
        let requests = RequestServices(
            answering: self, sessions: sessions, origins: shared.origins, node: shared.clients)
        let connections = LoopConnections(
            loopIndex: index, loop: loop, hub: hub, limits: limits, configuration: configuration, node: shared.clients,
            tally: counters.serving, clients: clients
        ) { HTTPConversation(connection: $0, services: requests) }
        connections.start { sessions.makeHeartbeat() }
        return connections
    }
}

extension LoopCore: RequestAnswering {
    func sender(of request: Request) throws(Refusal) -> Caller? { try WantedBody.sender(of: request, core: self) }

    func stream(for request: Request) throws(Refusal) -> EventStreamRoute? {
        guard request.role != .operators, EventStreamRoute.matches(request.head) else { return nil }
        return try EventStreamRoute(request, core: self)
    }

    func answer(_ request: Request, on id: ConnectionID) {
        Task { [actor] in await actor.answer(request, on: id) }
    }
}
