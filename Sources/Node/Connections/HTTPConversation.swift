import Bytes
import Dialects
import EventLoop
import HTTP
import Hub
import Synchronization
import WebSocket

/// Requests on one connection, one at a time, until it is upgraded or closed.
final class HTTPConversation: Conversation {
    private unowned let connection: Connection
    private var decoder: RequestDecoder
    private var head: RequestHead?
    private var isAnswering = false
    private var isPending = true
    private var peerIsDone = false
    private var timeout: Timer?

    private var core: LoopCore { connection.core }

    init(connection: Connection) {
        self.connection = connection
        decoder = RequestDecoder(limits: connection.core.limits.http)
        core.pendingHandshakes += 1
        expect(within: core.limits.handshakeMilliseconds)
    }

    // MARK: Reading

    func receive(_ bytes: UnsafeRawBufferPointer) {
        decoder.append(bytes)
        advance()
    }

    /// Takes requests out of the decoder, until one is being answered or more bytes are needed.
    private func advance() {
        do throws(HTTPError) {
            while !isAnswering, let output = try decoder.next() {
                switch output {
                case .head(let head):
                    leavePending()
                    connection.learnPeer(from: head)
                    if head.wantsWebSocket { return upgrade(head) }
                    self.head = head
                    if head.expectsContinue { connection.send(SharedBytes(Response.continueBytes)) }
                case .body(let body):
                    answer(body)
                }
            }
        } catch {
            isAnswering = true
            core.refused([413, 431].contains(error.status) ? .requestSize : .malformed, connection, error.message)
            refuse(.error(error))
        }
    }

    /// The peer has sent its last request and waits for the answer.
    func peerDidFinish() {
        peerIsDone = true
        if !isAnswering { connection.closeWhenDrained() }
    }

    private func leavePending() {
        guard isPending else { return }
        isPending = false
        core.pendingHandshakes -= 1
    }

    /// A client that takes longer is cut off: with 408 where it has begun a request. An idle one is not told: it would take
    /// that for the answer to the request it is about to send.
    private func expect(within milliseconds: UInt64) {
        timeout?.cancel()
        timeout = core.loop.schedule(after: milliseconds) { [weak self] in
            guard let self, !isAnswering else { return }
            isAnswering = true
            if isPending { core.refused(.slowHandshake, connection, "no request head in time") }
            guard decoder.isInsideRequest else { return connection.closeWhenDrained() }
            refuse(.error(408, .badRequest, "the request did not come in time"))
        }
    }

    // MARK: Answering

    private func answer(_ body: [UInt8]) {
        guard let head else { return }
        isAnswering = true
        timeout?.cancel()
        let request = Request(head: head, body: body, door: connection.door)
        if let response = CrossOrigin.preflight(head, core.shared.origins) { return finish(with: response) }
        if connection.door != .operators, EventStreamRoute.matches(head) { return stream(request) }
        connection.pauseReading()
        let id = connection.id
        Task { [actor = core.actor] in await actor.answer(request, on: id) }
    }

    /// The answer to the request that was being answered.
    func finish(with response: Response) {
        guard isAnswering, let head else { return }
        var response = response
        for field in CrossOrigin.headers(for: head, core.shared.origins).fields where head.method != "OPTIONS" {
            response.headers.add(field.name, field.value)
        }
        let keepAlive = head.keepAlive && !peerIsDone && !core.shared.draining
        core.didAnswer(response.status, connection, "\(head.method) \(head.path)")
        connection.send(SharedBytes(response.encode(keepAlive: keepAlive, isHead: head.method == "HEAD")))
        self.head = nil
        guard keepAlive else { return connection.closeWhenDrained() }
        isAnswering = false
        expect(within: core.limits.keepAliveMilliseconds)
        connection.resumeReading()
        advance()
    }

    /// Answers and closes.
    private func refuse(_ response: Response) {
        timeout?.cancel()
        core.counters.responses[response.status, default: 0] += 1
        connection.send(SharedBytes(response.encode(keepAlive: false)))
        connection.closeWhenDrained()
    }

    // MARK: Streaming

    /// Hands the connection over to a stream of events, or says why not.
    private func stream(_ request: Request) {
        do throws(Refusal) {
            let route = try EventStreamRoute(request, core: core)
            let next = EventStreamConversation(
                connection: connection, route: route,
                headers: CrossOrigin.headers(for: request.head, core.shared.origins))
            connection.switchTo(next)
            core.counters.streams += 1
            next.start(since: route.since)
        } catch {
            finish(with: error.response)
        }
    }

    // MARK: Upgrading

    private func upgrade(_ head: RequestHead) {
        isAnswering = true
        do throws(Refusal) {
            guard connection.door != .operators else {
                throw Refusal(404, .notFound, "there is no WebSocket at this port")
            }
            let admission = try UpgradeRules.admit(head, shared: core.shared)
            timeout?.cancel()
            connection.send(SharedBytes(admission.acceptance.response))
            let remainder = decoder.takeRemainder()
            let next = WebSocketConversation(connection: connection, admission: admission)
            connection.switchTo(next)
            core.didUpgrade(connection)
            next.start(handshake: head)
            if !remainder.isEmpty { remainder.withUnsafeBytes { next.receive($0) } }
        } catch {
            let status = error.response.status
            let reason = RefusalReason(handshakeStatus: status, isDraining: core.shared.draining)
            let origin = reason == .origin ? head.headers["Origin"] : nil
            let hint = origin.map { ": --allow-origin does not name \($0.prefix(160))" } ?? ""
            core.refused(reason, connection, "a WebSocket handshake was answered \(status)\(hint)")
            refuse(error.response)
        }
    }

    // MARK: Ending

    func didDrain() {}

    func didEnd() {
        leavePending()
        timeout?.cancel()
    }

    func didOverflow() { connection.close() }

    func drain() {
        guard !isAnswering else { return }
        isAnswering = true
        if decoder.isInsideRequest { refuse(Router.draining.response) } else { connection.closeWhenDrained() }
    }
}
