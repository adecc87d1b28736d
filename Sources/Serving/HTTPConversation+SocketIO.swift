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

    private func refuse(_ head: RequestHead, _ response: Response) {
        guard head.wantsWebSocket else { return answer(response) }
        flow.end()
        let reason = RefusalReason(handshakeStatus: response.status, isDraining: services.node.isDraining)
        services.clients.refused(
            reason, connection.client, "a handshake of Socket.IO was answered \(response.status)")
        refuse(response)
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
            guard (head.contentLength ?? 0) <= mostBytes else { return answer(tooLarge) }
            engine = .post(session)
            expect(within: services.limits.bodyMilliseconds)
            if head.expectsContinue { connection.send(SharedBytes(Response.continueBytes)) }
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

    private var mostBytes: Int { services.limits.webSocket.maxMessageBytes }
    private var tooLarge: Response { .error(413, .tooLarge, "packets have at most \(mostBytes) bytes together") }

    /// Counts what has come of a body with packets, and refuses it beyond its bound.
    func holdPost() {
        guard decoder.bodyBytes <= mostBytes else {
            engine = nil
            return answer(tooLarge)
        }
        hold(decoder.bodyBytes)
    }

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
        flow.willAnswer(hasRest: head?.hasBody == true && decoder.discardBody())
        stopWaiting()
        engine = .poll(session)
        // Who sends more before the answer is not read further: each poll would add a piece to what waits.
        if decoder.bodyBytes > 0 { connection.pauseReading() }
        session.poll(for: self) { [weak self, weak session] result in
            guard let self, case .poll = engine else {
                session?.answerIsLost()
                return
            }
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
        guard body.count <= mostBytes else { return answer(tooLarge) }
        let isTaken = session.post(body)
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
            return refuse(head, error.response)
        }
        stopWaiting()
        connection.send(SharedBytes(acceptance.response))
        let remainder = decoder.takeRemainder()
        let next = begin(acceptance)
        if !remainder.isEmpty { remainder.withUnsafeBytes { next.receive($0) } }
    }

    // MARK: Other loops

    /// The connection goes to the loop that has its session, once this call is over and earlier answers are out.
    private func handOver(to target: Int, _ head: RequestHead) {
        flow.willAnswer(hasRest: false)
        stopWaiting()
        connection.pauseReading()
        send(EngineHandOver.Ticket(loop: target, head: head), after: 0)
    }

    private func send(_ ticket: EngineHandOver.Ticket, after milliseconds: UInt64) {
        services.loop.schedule(after: milliseconds) { [weak self] in
            guard let self else { return }
            let (role, decoder) = (connection.role, decoder)
            if let socket = connection.connections.detach(connection) {
                services.handOver.send(
                    EngineHandOver(ticket: ticket, socket: socket, role: role, decoder: decoder))
            } else if let next = ticket.next {
                send(next, after: EngineHandOver.Ticket.pauseMilliseconds)
            } else {
                connection.close()
            }
        }
    }

    /// Goes on with a connection of another loop.
    package static func take(_ handOver: EngineHandOver, _ connections: LoopConnections, _ services: RequestServices) {
        guard let connection = connections.attach(handOver.socket, role: handOver.role) else { return }
        let conversation = HTTPConversation(connection: connection, services: services, decoder: handOver.decoder)
        connection.start(conversation)
        connection.learnPeer(from: handOver.ticket.head)
        conversation.beginSocketIO(handOver.ticket.head)
        conversation.advance()
    }
}
