import Base
package import Connections
import EventLoop
import Hub
import Settings
import SocketIO
package import WebSocket

/// A WebSocket that a polling client tries: until the client moves to it, it carries two packets only.
package final class WebSocketTrial: Conversation {
    unowned let connection: Connection
    private let session: SocketIOConversation
    private let services: SessionServices
    private let frame: Shape.Wrapping.Frame
    private var decoder: WebSocketDecoder
    /// Whether what comes is for the session: it is tried, and the session does not have it yet.
    private var isTried = true

    /// Tries `session`; closes where the session takes no WebSocket.
    package init(
        connection: Connection, session: SocketIOConversation, services: SessionServices,
        acceptance: ServerHandshake.Acceptance
    ) {
        self.connection = connection
        self.session = session
        self.services = services
        frame = .init(acceptance)
        decoder = WebSocketDecoder(
            role: .server, limits: services.viewers.limits.webSocket, deflate: acceptance.deflate)
    }

    /// Asks the session.
    package func start() {
        if !session.tries(self) { drop() }
    }

    /// Writes a packet.
    func send(_ packet: [UInt8]) { connection.send(FrameEncoder.text(packet)) }

    /// The session does not want it, or no longer.
    func drop() {
        guard isTried else { return }
        isTried = false
        connection.send(FrameEncoder.close(.normal, reason: ""))
        connection.closeWhenDrained()
    }

    /// What reads the WebSocket from now on, and the frames that its client takes.
    func handOver() -> (WebSocketDecoder, Shape.Wrapping.Frame) { (decoder, frame) }

    package func receive(_ bytes: UnsafeRawBufferPointer) {
        decoder.append(bytes)
        do throws(WebSocketError) {
            while isTried, let event = try decoder.next(inflater: services.inflater) { handle(event) }
        } catch {
            connection.close()
        }
    }

    private func handle(_ event: WebSocketDecoder.Event) {
        switch event {
        case .message(true, let payload): take(EnginePacket(payload[...]))
        case .message(false, _): take(nil)
        case .close: drop()
        case .ping, .pong: break
        }
    }

    /// Bytes behind the upgrade stay in the decoder, for the session.
    private func take(_ packet: EnginePacket?) {
        if !session.take(packet, from: self) { isTried = false }
    }

    package func peerDidFinish() { connection.close() }
    package func didOverflow() { connection.close() }
    package func drain() { drop() }
    package func didEnd() { session.trialDidEnd(self) }
}
