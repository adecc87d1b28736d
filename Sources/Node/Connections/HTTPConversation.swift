import Access
import Base
import Events
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
    /// Who sends the body that is being read.
    private var sender: Caller?
    /// The request's body is passed over; its answer does not wait for that.
    private var isSkippingBody = false
    /// Bytes of the request's body that this connection has counted among the node's.
    private var countedBytes = 0
    private var isAnswering = false
    private var isPending = true
    private var peerIsDone = false
    private var timeout: Timer?

    private var core: LoopCore { connection.core }

    init(connection: Connection) {
        self.connection = connection
        decoder = RequestDecoder(limits: connection.core.limits.http)
        core.beginHandshake(of: connection)
        expect(within: core.limits.handshakeMilliseconds)
    }

    // MARK: Reading

    func receive(_ bytes: UnsafeRawBufferPointer) {
        decoder.append(bytes)
        advance()
        if sender != nil, !isAnswering { hold(decoder.bodyBytes) }
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
                    begin(head)
                case .body(let body):
                    if isSkippingBody { didSkipBody() } else { answer(body) }
                }
            }
        } catch {
            isAnswering = true
            release()
            core.refused([413, 431].contains(error.status) ? .requestSize : .malformed, connection, error.message)
            refuse(.error(error))
        }
    }

    /// A head has come. Whether its body is read depends on who sends it and what for; a request that brings none that is
    /// wanted is answered at once.
    private func begin(_ head: RequestHead) {
        self.head = head
        let request = Request(head: head, body: [], door: connection.door)
        guard connection.door == .operators || core.shared.origins.admits(host: head.host) else {
            return answer(UpgradeRules.foreignHost.response)
        }
        guard head.hasBody else { return }  // the decoder gives an empty body next
        do throws(Refusal) {
            sender = try WantedBody.sender(of: request, core: core)
        } catch {
            return answer(error.response)
        }
        guard sender != nil else {
            skipBody()
            return answer([])
        }
        expect(within: core.limits.bodyMilliseconds)
        if head.expectsContinue { connection.send(SharedBytes(Response.continueBytes)) }
    }

    private func skipBody() {
        // One that was read whole is not passed over a second time: that would be the next request's.
        isSkippingBody = decoder.discardBody()
    }

    private func didSkipBody() {
        isSkippingBody = false
        expect(within: core.limits.keepAliveMilliseconds)
    }

    /// Counts so many bytes of a body among all bodies under way on this node; answers 503, and false, where they are too
    /// many.
    @discardableResult
    private func hold(_ bytes: Int) -> Bool {
        let more = bytes - countedBytes
        guard more > 0 else { return true }
        countedBytes = bytes
        let all = core.shared.bodyBytes.add(more, ordering: .relaxed).newValue
        guard all > core.limits.bodiesBytes else { return true }
        core.refused(.bodies, connection, "the bodies under way hold more than \(core.limits.bodiesBytes) bytes")
        answer(.error(503, .unavailable, "too many large requests are under way", headers: ["Retry-After": "1"]))
        return false
    }

    /// The request's body is let go of.
    private func release() {
        sender = nil
        guard countedBytes > 0 else { return }
        core.shared.bodyBytes.subtract(countedBytes, ordering: .relaxed)
        countedBytes = 0
    }

    /// The peer has sent its last request and waits for the answer.
    func peerDidFinish() {
        peerIsDone = true
        if !isAnswering { connection.closeWhenDrained() }
    }

    private func leavePending() {
        guard isPending else { return }
        isPending = false
        core.endHandshake(of: connection)
    }

    /// Others wait to say what they want, and this one does not say it.
    func makeWay() {
        leavePending()
        connection.close()
    }

    /// A client that takes longer is cut off: with 408 where it has begun a request. An idle one is not told: it would take
    /// that for the answer to the request it is about to send.
    private func expect(within milliseconds: UInt64) {
        timeout?.cancel()
        timeout = core.loop.schedule(after: milliseconds) { [weak self] in
            guard let self, !isAnswering else { return }
            isAnswering = true
            if isPending { core.refused(.slowHandshake, connection, "no request head in time") }
            release()
            guard decoder.isInsideRequest, !isSkippingBody else { return connection.closeWhenDrained() }
            refuse(.error(408, .badRequest, "the request did not come in time"))
        }
    }

    // MARK: Answering

    private func answer(_ body: [UInt8]) {
        guard let head, hold(body.count) else { return }
        isAnswering = true
        timeout?.cancel()
        let request = Request(head: head, body: body, door: connection.door, caller: sender)
        if let response = CrossOrigin.preflight(head, core.shared.origins) { return finish(with: response) }
        if connection.door != .operators, EventStreamRoute.matches(head) { return stream(request) }
        connection.pauseReading()
        let id = connection.id
        Task { [actor = core.actor] in await actor.answer(request, on: id) }
    }

    /// Answers from the head alone.
    private func answer(_ response: Response) {
        isAnswering = true
        timeout?.cancel()
        if head?.hasBody == true { skipBody() }
        finish(with: response)
    }

    /// The answer to the request that was being answered.
    func finish(with response: Response) {
        guard isAnswering, let head else { return }
        var response = response
        for field in CrossOrigin.headers(for: head, core.shared.origins).fields where head.method != "OPTIONS" {
            response.headers.add(field.name, field.value)
        }
        release()
        let keepAlive = head.keepAlive && !peerIsDone && !core.shared.draining && canSkipBody(of: head)
        core.didAnswer(response.status, connection, "\(head.method) \(head.path)")
        connection.send(SharedBytes(response.encode(keepAlive: keepAlive, isHead: head.method == "HEAD")))
        self.head = nil
        guard keepAlive else {
            // Closed while the client still sends, it would see a reset and not the answer.
            return connection.closeWhenDrained(
                within: isSkippingBody ? core.limits.bodyMilliseconds : core.limits.closeMilliseconds)
        }
        isAnswering = false
        expect(within: isSkippingBody ? core.limits.bodyMilliseconds : core.limits.keepAliveMilliseconds)
        connection.resumeReading()
        advance()
    }

    /// Whether the connection can go on behind a body that nobody wants: one that is short, and certain to come. Who was to
    /// wait for `100 Continue` may send it or not (RFC 9110 10.1.1).
    private func canSkipBody(of head: RequestHead) -> Bool {
        guard isSkippingBody else { return true }
        guard let length = head.contentLength, !head.expectsContinue else { return false }
        return length <= core.limits.skippedBodyBytes
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
            let named = core.shared.origins.admits(host: head.host) ? head.headers["Origin"] : head.host
            let hint = reason == .origin ? ": --allow-origin does not name \((named ?? "").prefix(160))" : ""
            core.refused(reason, connection, "a WebSocket handshake was answered \(status)\(hint)")
            refuse(error.response)
        }
    }

    // MARK: Ending

    func didDrain() {}

    func didEnd() {
        leavePending()
        release()
        timeout?.cancel()
    }

    func didOverflow() { connection.close() }

    func drain() {
        guard !isAnswering else { return }
        isAnswering = true
        release()
        if decoder.isInsideRequest, !isSkippingBody {
            refuse(Router.draining.response)
        } else {
            connection.closeWhenDrained()
        }
    }
}
