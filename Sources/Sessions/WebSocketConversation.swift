import Access
import Base
package import Connections
package import Dialects
import EventLoop
package import Events
package import HTTP
import Hub
import JSON
import Settings
import Telemetry
package import WebSocket

/// One client's WebSocket: reads frames, and passes commands to its session.
package final class WebSocketConversation: Conversation {
    package let session: Session
    private unowned let connection: Connection
    private var decoder: WebSocketDecoder
    private var bucket: TokenBucket
    private var lastHeard: UInt64

    private var services: SessionServices { session.services }
    private var limits: NodeLimits { services.viewers.limits }
    private var loop: EventLoop { services.viewers.loop }

    package init(
        connection: Connection, services: SessionServices, dialect: DialectName, acceptance: ServerHandshake.Acceptance
    ) {
        self.connection = connection
        let limits = services.viewers.limits
        let now = services.viewers.loop.now
        decoder = WebSocketDecoder(role: .server, limits: limits.webSocket, deflate: acceptance.deflate)
        bucket = TokenBucket(burst: limits.messageBurst, now: now)
        lastHeard = now
        session = Session(
            connection: connection, services: services, dialect: dialect, wrapping: Shape.Wrapping(acceptance))
    }

    /// Authenticates, or starts to wait for authentication.
    package func start(handshake: RequestHead) {
        connection.connections.keepAlive(connection)
        session.start(handshake: handshake)
    }

    // MARK: Reading

    package func receive(_ bytes: UnsafeRawBufferPointer) {
        lastHeard = loop.now
        decoder.append(bytes)
        do throws(WebSocketError) {
            while let event = try nextEvent() { handle(event) }
        } catch {
            refuse(error)
        }
    }

    /// Once the node has sent its close frame, it looks only for the client's.
    private func nextEvent() throws(WebSocketError) -> WebSocketDecoder.Event? {
        if !session.closing.isOpen { decoder.seekClose() }
        return try decoder.next(inflater: services.inflater)
    }

    private func handle(_ event: WebSocketDecoder.Event) {
        switch event {
        case .close(let code, _): session.receiveClose(code)
        case _ where !session.closing.isOpen: break
        case .message(let isText, let payload): receive(message: payload, isText: isText)
        case .ping(let payload):
            if isWithinRate() { connection.send(FrameEncoder.pong(payload)) }
        case .pong: break
        }
    }

    private func receive(message: [UInt8], isText: Bool) {
        guard isWithinRate() else { return }
        guard isText else { return session.fault(.invalidMessage, "messages are text frames") }
        let object: JSONObject
        do {
            object = try services.parser.object(message)
        } catch {
            return session.fault(error.code == .notAnObject ? .invalidMessage : .invalidJSON, error.message)
        }
        do {
            session.handle(try session.dialect.dialect.decode(object, parser: services.parser))
        } catch {
            session.say(.fault(error.fault, request: error.request))
        }
    }

    /// Counts one message. A client that keeps exceeding the rate is closed.
    private func isWithinRate() -> Bool {
        let (rate, burst) = (limits.messagesPerSecond, limits.messageBurst)
        if bucket.take(perSecond: rate, burst: burst, now: loop.now) { return true }
        if session.closing.isOpen { session.refused(.rate, "more than \(rate) messages a second") }
        session.fault(.rateLimited, "more than \(rate) messages a second")
        session.close(.policyViolation, reason: "too many messages")
        return false
    }

    /// The client broke the protocol or a bound: the node can read no more of its bytes, not even its close frame.
    private func refuse(_ error: WebSocketError) {
        let isTooBig = error.closeCode == .messageTooBig
        if error.closeCode == .internalError {
            services.viewers.log.error("cannot read a WebSocket any more", ["reason": .text(error.message)])
        } else {
            session.refused(isTooBig ? .messageSize : .frame, error.message)
        }
        if isTooBig { session.fault(.messageTooLarge, error.message) }
        session.close(error.closeCode, reason: error.message)
        connection.closeWhenDrained()
    }

    // MARK: Ending

    package func peerDidFinish() { connection.close() }
    package func didEnd() { session.end() }
    package func didOverflow() { session.close(.tryAgainLater, reason: "reads too slowly") }
    package func drain() { session.close(.serviceRestart, reason: "restart") }
}

/// The session follows channels.
extension WebSocketConversation: ChannelConversation {
    package var user: String? { session.user }
    package var hearsAfter: CountedAnnouncements? { session.hearsAfter }
    package var waitingInquiries: Int {
        get { session.waitingInquiries }
        set { session.waitingInquiries = newValue }
    }

    package func mayWatch(_ channel: ChannelName, owner: String?) -> Bool { session.mayWatch(channel, owner: owner) }
    package func say(_ message: ServerMessage) { session.say(message) }
    package func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        session.refuseToShow(channel, request: request)
    }
    package func expectAcknowledgement(of delivery: Delivery) { session.expectAcknowledgement(of: delivery) }
    package func flushBatch() { session.sendBatch(connection.subscriber.takeBatch()) }

    package func beat(_ heartbeat: Heartbeat) {
        guard heartbeat.now - lastHeard <= heartbeat.silenceMilliseconds else { return session.giveUp() }
        session.beat(heartbeat)
    }

    package func tellCount() { session.tellCount() }

    package func name(_ client: inout ClientLog.Client) {
        client.isWebSocket = true
        client.user = session.user ?? ""
        client.name = session.clientID
    }

    package func closeForAdministrator() { session.close(.policyViolation, reason: "closed by an administrator") }
}
