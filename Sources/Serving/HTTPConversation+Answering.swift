import Connections
import Settings
import Sessions
import REST
import Telemetry
import Access
import Base
package import HTTP
import Synchronization
import WebSocket

// MARK: Answers

extension HTTPConversation {
    /// Has the request answered. `hasRest`: nobody wants its body, and a part of it is still to come.
    package func answer(_ body: [UInt8], hasRest: Bool = false) {
        guard let head, hold(body.count) else { return }
        flow.willAnswer(hasRest: hasRest)
        stopWaiting()
        let request = Request(head: head, body: body, role: connection.role, caller: sender)
        if let response = CrossOrigin.preflight(head, services.origins) { return finish(with: response) }
        do throws(Refusal) {
            if let route = try services.dispatcher.stream(for: request) { return stream(route, head) }
        } catch {
            return finish(with: error.response)
        }
        connection.pauseReading()
        services.answer(request, connection.id)
    }

    /// Answers from the head alone.
    package func answer(_ response: Response) {
        // A body that was read whole must not be skipped again: that would skip the next request.
        flow.willAnswer(hasRest: head?.hasBody == true && decoder.discardBody())
        stopWaiting()
        finish(with: response)
    }

    /// Sends the answer to the current request.
    package func finish(with response: Response) {
        guard let head else { return }
        let next = flow.didAnswer(
            keepsAlive: head.keepAlive && !services.node.isDraining, restIsShort: canPassBody(of: head))
        guard let next else { return }
        release()
        send(response, to: head, isLast: next.isLast)
        self.head = nil
        switch next {
        // Closed while the client still sends, the connection would give the client a reset, not the answer.
        case .close(let patience): connection.closeWhenDrained(within: milliseconds(patience))
        case .read(let patience):
            expect(within: milliseconds(patience))
            connection.resumeReading()
            advance()
        }
    }

    private func send(_ response: Response, to head: RequestHead, isLast: Bool) {
        var response = response
        if head.method != "OPTIONS" { response.add(CrossOrigin.headers(for: head, services.origins)) }
        services.clients.answered(response.status, connection.client, "\(head.method) \(head.path)")
        connection.send(SharedBytes(response.encode(keepAlive: !isLast, isHead: head.method == "HEAD")))
    }

    private func milliseconds(_ patience: RequestFlow.Patience) -> UInt64 {
        switch patience {
        case .close: services.limits.closeMilliseconds
        case .keepAlive: services.limits.keepAliveMilliseconds
        case .body: services.limits.bodyMilliseconds
        }
    }

    /// Whether the connection can skip an unwanted body: the body is short, and certain to come. A client that had to
    /// wait for `100 Continue` may send it or not (RFC 9110 10.1.1).
    private func canPassBody(of head: RequestHead) -> Bool {
        guard let length = head.contentLength, !head.expectsContinue else { return false }
        return length <= services.limits.skippedBodyBytes
    }
}

// MARK: Other conversations

extension HTTPConversation {
    /// Hands the connection to an event stream.
    private func stream(_ route: EventStreamRoute, _ head: RequestHead) {
        flow.end()
        release()
        let next = EventStreamConversation(
            connection: connection, services: services.viewers, caller: route.caller, channel: route.channel,
            headers: CrossOrigin.headers(for: head, services.origins))
        connection.switchTo(next)
        next.start(since: route.since)
    }

    /// The rules for a client that comes now.
    var rules: UpgradeRules {
        UpgradeRules(
            origins: services.origins, isDraining: services.node.isDraining,
            isFull: services.node.connectionCount > services.limits.connections)
    }

    /// Hands the connection to a WebSocket, or refuses and says why.
    package func upgrade(_ head: RequestHead) {
        flow.end()
        do throws(Refusal) {
            let upgrade = try rules.accept(head, role: connection.role)
            stopWaiting()
            connection.send(SharedBytes(upgrade.acceptance.response))
            let remainder = decoder.takeRemainder()
            let next = WebSocketConversation(
                connection: connection, services: services.sessions, dialect: upgrade.dialect,
                acceptance: upgrade.acceptance)
            connection.switchTo(next)
            next.start(handshake: head)
            if !remainder.isEmpty { remainder.withUnsafeBytes { next.receive($0) } }
        } catch {
            refuseUpgrade(of: head, error.response)
        }
    }

    private func refuseUpgrade(of head: RequestHead, _ response: Response) {
        let reason = RefusalReason(handshakeStatus: response.status, isDraining: services.node.isDraining)
        let named = services.origins.admits(host: head.host) ? head.headers["Origin"] : head.host
        let hint = reason == .origin ? ": --allow-origin does not name \((named ?? "").prefix(160))" : ""
        services.clients.refused(
            reason, connection.client, "a WebSocket handshake was answered \(response.status)\(hint)")
        refuse(response)
    }
}
