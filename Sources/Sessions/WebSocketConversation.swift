import Access
import Base
package import Connections
package import Dialects
import EventLoop
import Events
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
        lastHeard = now
        session = Session(
            connection: connection, services: services, dialect: dialect, wrapping: Shape.Wrapping(.init(acceptance)))
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
            session.refuse(error)
        }
    }

    /// Once the node has sent its close frame, it looks only for the client's.
    private func nextEvent() throws(WebSocketError) -> WebSocketDecoder.Event? {
        if !session.closing.isOpen { decoder.seekClose() }
        return try decoder.next(inflater: services.inflater)
    }

    private func handle(_ event: WebSocketDecoder.Event) {
        switch event {
        case .close(let code, let reason): session.receiveClose(code, reason: reason)
        case _ where !session.closing.isOpen: break
        case .message(let isText, let payload): receive(message: payload, isText: isText)
        case .ping(let payload):
            if session.isWithinRate() { connection.send(FrameEncoder.pong(payload)) }
        case .pong: break
        }
    }

    private func receive(message: [UInt8], isText: Bool) {
        guard session.isWithinRate() else { return }
        guard isText else { return session.fault(.invalidMessage, "messages are text frames") }
        session.receive(message)
    }

    // MARK: Ending

    package func peerDidFinish() { connection.close() }
    package func didEnd() { session.end() }
}

extension WebSocketConversation: SessionConversation {
    package func beat(_ heartbeat: Heartbeat) {
        guard heartbeat.now - lastHeard <= heartbeat.silenceMilliseconds else { return session.giveUp() }
        session.beat(heartbeat)
    }
}

extension WebSocketConversation: SessionWire {
    var isWebSocket: Bool { true }
    func ping(_ heartbeat: Heartbeat) { connection.send(heartbeat.ping) }
    func sayClose(_ code: CloseCode, reason: String) { connection.send(FrameEncoder.close(code, reason: reason)) }
    func answerClose(_ code: CloseCode?) { connection.send(FrameEncoder.close(answering: code)) }
}
