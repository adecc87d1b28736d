import Telemetry
package import REST
package import Sessions
package import Connections
import Settings
package import Access
import EventLoop
import HTTP

/// What the HTTP conversations of one loop share.
package final class RequestServices {
    let loop: EventLoop
    let limits: NodeLimits
    let origins: OriginPolicy
    let node: NodeClients
    let tally: Tally<ServingCounters>
    package let clients: ClientLog
    let viewers: ViewerServices
    package let sessions: SessionServices
    /// The sessions of Socket.IO on this loop.
    let engine: EngineDirectory
    /// Gives connections to other loops of the node.
    let handOver: HandOver
    /// Answers requests.
    let dispatcher: RequestDispatcher
    /// Has a request answered, later, by ``LoopConnections/answer(_:with:)``.
    let answer: (Request, ConnectionID) -> Void

    package init(
        dispatcher: RequestDispatcher, sessions: SessionServices, engine: EngineDirectory, handOver: HandOver,
        origins: OriginPolicy, node: NodeClients,
        answer: @escaping (Request, ConnectionID) -> Void
    ) {
        self.dispatcher = dispatcher
        self.answer = answer
        self.sessions = sessions
        self.engine = engine
        self.handOver = handOver
        self.origins = origins
        self.node = node
        viewers = sessions.viewers
        loop = viewers.loop
        limits = viewers.limits
        tally = viewers.tally
        clients = viewers.clients
    }
}
