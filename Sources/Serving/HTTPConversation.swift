import Sessions
import Settings
import Telemetry
package import Connections
import REST
import Access
import Base
import EventLoop
package import HTTP
import Synchronization

/// Requests on one connection, one at a time, until it is upgraded or closed. ``RequestFlow`` decides the order.
package final class HTTPConversation: Conversation {
    unowned let connection: Connection
    let services: RequestServices
    var flow = RequestFlow()
    var decoder: RequestDecoder
    /// The request that is being read or answered.
    var head: RequestHead?
    /// The caller whose body is being read.
    var sender: Caller?
    /// The session of Socket.IO whose packets are being read, or whose poll waits.
    var engine: EngineRequests.Pending?
    /// Bytes of the request's body that this connection added to the node's count.
    private var countedBytes = 0
    private var isPending = true
    private var isAdvancing = false
    private var timeout: Timer?

    package init(connection: Connection, services: RequestServices) {
        self.connection = connection
        self.services = services
        decoder = RequestDecoder(limits: services.limits.http)
        connection.connections.beginHandshake(of: connection)
        expect(within: services.limits.handshakeMilliseconds)
    }

    /// Goes on with a connection that another loop has accepted, from what was read of it.
    init(connection: Connection, services: RequestServices, decoder: RequestDecoder) {
        self.connection = connection
        self.services = services
        self.decoder = decoder
        isPending = false
    }

    // MARK: Reading

    package func receive(_ bytes: UnsafeRawBufferPointer) {
        // The end of a client that waits for its poll is to be noticed, so the connection reads on; what the client sends
        // meanwhile is one piece at most.
        if case .poll = engine { connection.pauseReading() }
        decoder.append(bytes)
        advance()
        guard flow.isReading else { return }
        if case .post = engine { return holdPost() }
        if sender != nil { hold(decoder.bodyBytes) }
    }

    /// Takes requests out of the decoder, until one is being answered or more bytes are needed.
    package func advance() {
        // An answer that comes within this loop goes on in it, not in one of its own: the stack is bounded.
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        do throws(HTTPError) {
            while flow.isReading, let output = try decoder.next() {
                switch output {
                case .head(let head): begin(head)
                case .body where flow.state == .rest: didPassRest()
                case .body(let body):
                    if case .post(let session) = engine { post(body, to: session) } else { answer(body) }
                }
            }
        } catch {
            flow.end()
            release()
            let reason: RefusalReason = [413, 431].contains(error.status) ? .requestSize : .malformed
            services.clients.refused(reason, connection.client, error.message)
            refuse(.error(error))
        }
    }

    /// Handles a request's head. The caller and the route decide whether the node reads the body. A request without a
    /// body, or with an unwanted one, is answered at once.
    private func begin(_ head: RequestHead) {
        leavePending()
        connection.learnPeer(from: head)
        if EngineRequests.areAt(head) { return beginSocketIO(head) }
        if head.wantsWebSocket { return upgrade(head) }
        self.head = head
        flow.didReadHead()
        guard connection.role == .operators || services.origins.admits(host: head.host) else {
            return answer(UpgradeRules.foreignHost.response)
        }
        guard head.hasBody else { return }  // the decoder gives an empty body next
        do throws(Refusal) {
            sender = try services.dispatcher.sender(of: Request(head: head, body: [], role: connection.role))
        } catch {
            return answer(error.response)
        }
        guard sender != nil else { return answer([], hasRest: decoder.discardBody()) }
        expect(within: services.limits.bodyMilliseconds)
        if head.expectsContinue { connection.send(SharedBytes(Response.continueBytes)) }
    }

    private func didPassRest() {
        flow.didPassRest()
        expect(within: services.limits.keepAliveMilliseconds)
    }

    /// Adds the bytes of a body to those of all bodies that the node is reading. Answers 503 and returns false where
    /// they are too many.
    @discardableResult
    package func hold(_ bytes: Int) -> Bool {
        let more = bytes - countedBytes
        guard more > 0 else { return true }
        countedBytes = bytes
        let most = services.limits.bodiesBytes
        guard services.node.holdBody(bytes: more) > most else { return true }
        services.clients.refused(
            .bodies, connection.client, "the request bodies in progress have more than \(most) bytes")
        answer(.error(503, .unavailable, "too many large requests are in progress", headers: ["Retry-After": "1"]))
        return false
    }

    /// Frees the request's body.
    package func release() {
        sender = nil
        if case .post = engine { engine = nil }
        guard countedBytes > 0 else { return }
        services.node.releaseBody(bytes: countedBytes)
        countedBytes = 0
    }

    // MARK: Time

    /// Sets the time for the client's next step. The node cuts off a slower client: with 408 inside a request.
    package func expect(within milliseconds: UInt64) {
        timeout?.cancel()
        timeout = services.loop.schedule(after: milliseconds) { [weak self] in self?.timeIsUp() }
    }

    package func stopWaiting() { timeout?.cancel() }

    private func timeIsUp() {
        let cut = flow.cut(isInsideRequest: decoder.isInsideRequest)
        if cut != .none, isPending {
            services.clients.refused(.slowHandshake, connection.client, "the request's head did not arrive in time")
        }
        end(cut) { .error(408, .badRequest, "the request did not arrive in time") }
    }

    // MARK: Ending

    /// The peer has sent its last request and waits for the answer.
    package func peerDidFinish() {
        // Nobody waits for a poll who has closed the connection; what it would take is lost.
        if case .poll(let session) = engine {
            engine = nil  // an answer on its way then says that it is lost
            session.pollIsGone(of: self)
            return connection.close()
        }
        if flow.peerDidFinish() { connection.closeWhenDrained() }
    }

    package func drain() {
        end(flow.cut(isInsideRequest: decoder.isInsideRequest)) { Refusal.draining.response }
    }

    private func end(_ cut: RequestFlow.Cut, _ response: () -> Response) {
        guard cut != .none else { return }
        release()
        if cut == .refuse { refuse(response()) } else { connection.closeWhenDrained() }
    }

    /// Answers and closes the connection.
    package func refuse(_ response: Response) {
        stopWaiting()
        services.tally.counters.responses[response.status, default: 0] += 1
        connection.send(SharedBytes(response.encode(keepAlive: false)))
        connection.closeWhenDrained()
    }

    private func leavePending() {
        guard isPending else { return }
        isPending = false
        connection.connections.endHandshake(of: connection)
    }

    /// The node needs the connection for other clients, and this one has sent no request.
    package func makeWay() {
        leavePending()
        connection.close()
    }

    package func didEnd() {
        leavePending()
        release()
        stopWaiting()
        if case .poll(let session) = engine { session.pollIsGone(of: self) }
    }

    package func didOverflow() { connection.close() }
}
