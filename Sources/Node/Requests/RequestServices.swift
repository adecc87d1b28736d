import Access
import EventLoop
import HTTP

/// What answers the requests that come over connections.
protocol RequestAnswering: AnyObject {
    /// Who sends a body that is to be read; nil where nobody wants a body. Throws the answer that refuses the request.
    func sender(of request: Request) throws(Refusal) -> Caller?
    /// The stream that a request asks for; nil where it asks for none. Throws the answer that refuses it.
    func stream(for request: Request) throws(Refusal) -> EventStreamRoute?
    /// Answers a request, later, by ``LoopConnections/answer(_:with:)``.
    func answer(_ request: Request, on id: ConnectionID)
}

/// What the HTTP conversations of one loop have in common.
final class RequestServices {
    let loop: EventLoop
    let limits: NodeLimits
    let origins: OriginPolicy
    let node: NodeClients
    let tally: Tally<ServingCounters>
    let clients: ClientLog
    let viewers: ViewerServices
    let sessions: SessionServices
    unowned let answering: any RequestAnswering

    init(
        answering: any RequestAnswering, sessions: SessionServices, origins: OriginPolicy, node: NodeClients
    ) {
        self.answering = answering
        self.sessions = sessions
        self.origins = origins
        self.node = node
        viewers = sessions.viewers
        loop = viewers.loop
        limits = viewers.limits
        tally = viewers.tally
        clients = viewers.clients
    }
}
