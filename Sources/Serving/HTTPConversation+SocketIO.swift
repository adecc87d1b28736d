import Base
package import Connections
import EventLoop
import HTTP
import REST
import Sessions
import Settings
import SocketIO
import Telemetry
import WebSocket

/// Requests of Socket.IO's clients.
extension HTTPConversation {
    /// Begins with a request of Engine.IO.
    func beginSocketIO(_ head: RequestHead) {
        self.head = head
        flow.didReadHead()
        if let preflight = CrossOrigin.preflight(head, services.origins) { return answer(preflight) }
        do throws(EngineFault) {
            let request = try EngineRequest(
                method: head.method, wantsWebSocket: head.wantsWebSocket, query: { head.query[$0] })
            do throws(Refusal) {
                try rules.checkOrigin(head)
            } catch {
                throw .forbidden
            }
            try begin(request, head)
        } catch {
            refuse(head, EngineRequests.refusal(error))
        }
    }

    private var rules: UpgradeRules {
        UpgradeRules(
            origins: services.origins, isDraining: services.node.isDraining,
            isFull: services.node.connectionCount > services.limits.connections)
    }

    private func refuse(_ head: RequestHead, _ response: Response) {
        services.clients.refused(
            .malformed, connection.client, "a request of Socket.IO was answered \(response.status)")
        if head.wantsWebSocket { refuse(response) } else { answer(response) }
    }

    private func begin(_ request: EngineRequest, _ head: RequestHead) throws(EngineFault) {
        switch request {
        case .open: open(head)
        case .webSocket(nil): startWebSocket(head)
        case .poll(let sid):
            guard let session = try session(sid, head) else { return }
            poll(session)
        case .post(let sid):
            guard let session = try session(sid, head) else { return }
            guard (head.contentLength ?? 0) <= services.limits.webSocket.maxMessageBytes else {
                return answer(.error(413, .tooLarge, "at most \(services.limits.webSocket.maxMessageBytes) bytes"))
            }
            engine = .post(session)
            expect(within: services.limits.bodyMilliseconds)
        case .webSocket(let sid?):
            guard let session = try session(sid, head) else { return }
            startTrial(of: session, head)
        }
    }

    /// The session; nil where another loop of the node has it, and the connection goes there.
    private func session(_ sid: String, _ head: RequestHead) throws(EngineFault) -> SocketIOConversation? {
        let directory = services.engine
        guard let address = EngineDirectory.Address(sid, node: directory.node) else { throw .unknownSession }
        guard address.loop != directory.loop else {
            guard let session = directory[sid] else { throw .unknownSession }
            return session
        }
        guard services.handOver.canReach(address.loop) else { throw .unknownSession }
        handOver(to: address.loop, head)
        return nil
    }

    // MARK: Polls

    private func open(_ head: RequestHead) {
        do throws(Refusal) {
            try rules.checkRoom(connection.role)
        } catch {
            return answer(error.response)
        }
        answer(
            EngineRequests.answer(
                SocketIOConversation.open(
                    head, over: connection, services: services.sessions, directory: services.engine)))
    }

    private func poll(_ session: SocketIOConversation) {
        flow.willAnswer(hasRest: false)
        stopWaiting()
        engine = .poll(session)
        session.poll { [weak self] result in
            guard let self else { return }
            engine = nil
            switch result {
            case .success(let body): finish(with: EngineRequests.answer(body))
            case .failure(let fault): finish(with: EngineRequests.refusal(fault))
            }
        }
    }

    /// The body of a request with packets has come.
    func post(_ body: [UInt8], to session: SocketIOConversation) {
        engine = nil
        let isTaken = body.count <= services.limits.webSocket.maxMessageBytes && session.post(body)
        answer(isTaken ? EngineRequests.answer(Array("ok".utf8)) : EngineRequests.refusal(.badRequest))
    }

    // MARK: WebSockets

    private func startWebSocket(_ head: RequestHead) {
        upgradeSocketIO(head) { acceptance in
            SocketIOConversation.start(
                head, over: connection, acceptance: acceptance, services: services.sessions,
                directory: services.engine)
        }
    }

    private func startTrial(of session: SocketIOConversation, _ head: RequestHead) {
        upgradeSocketIO(head) { acceptance in
            let trial = WebSocketTrial(
                connection: connection, session: session, services: services.sessions, acceptance: acceptance)
            connection.switchTo(trial)
            trial.start()
            return trial
        }
    }

    private func upgradeSocketIO(
        _ head: RequestHead, _ begin: (ServerHandshake.Acceptance) -> any Conversation
    ) {
        flow.end()
        let acceptance: ServerHandshake.Acceptance
        do throws(Refusal) {
            try rules.checkRoom(connection.role)
            acceptance = try rules.acceptance(head)
        } catch {
            return refuse(error.response)
        }
        stopWaiting()
        connection.send(SharedBytes(acceptance.response))
        let remainder = decoder.takeRemainder()
        let next = begin(acceptance)
        if !remainder.isEmpty { remainder.withUnsafeBytes { next.receive($0) } }
    }

    // MARK: Other loops

    /// The connection goes to the loop that has its session, once this call is over.
    private func handOver(to target: Int, _ head: RequestHead) {
        flow.willAnswer(hasRest: false)
        stopWaiting()
        connection.pauseReading()
        services.loop.schedule(after: 0) { [weak self] in
            guard let self else { return }
            let (role, decoder) = (connection.role, decoder)
            guard let socket = connection.connections.detach(connection) else { return connection.close() }
            services.handOver.send(
                EngineHandOver(loop: target, socket: socket, role: role, head: head, decoder: decoder))
        }
    }

    /// Goes on with a connection of another loop.
    package static func take(_ handOver: EngineHandOver, _ connections: LoopConnections, _ services: RequestServices) {
        guard let connection = connections.attach(handOver.socket, role: handOver.role) else { return }
        let conversation = HTTPConversation(connection: connection, services: services)
        conversation.decoder = handOver.decoder
        connection.start(conversation)
        conversation.goOn(with: handOver.head)
    }

    private func goOn(with head: RequestHead) {
        connection.connections.endHandshake(of: connection)
        connection.learnPeer(from: head)
        beginSocketIO(head)
        advance()
    }
}
