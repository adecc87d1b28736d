import Following
import Connections
import Telemetry
import Base
import Dialects
import Events
import Hub
import WebSocket

/// What the client is told.
extension Session {
    /// Says something in the client's dialect.
    func say(_ message: ServerMessage) {
        guard closing.isOpen else { return }
        write(message)
    }

    /// Says it although the WebSocket is closing: what is said is the reason.
    func write(_ message: ServerMessage) {
        // What waits to be sent with more was there first.
        writeBatch(connection.subscriber.takeBatch())
        var frames = services.frames.frames(of: message)
        for frame in frames.frames(in: shape) { connection.send(frame) }
    }

    /// Says what is wrong, where no request is to blame.
    func fault(_ code: FaultCode, _ message: String) { say(.fault(Fault(code, message), request: nil)) }

    /// Sends a message that was written before.
    func send(text: [UInt8]) {
        guard closing.isOpen else { return }
        connection.send(services.frames.frame(of: text, in: shape))
    }

    /// Sends messages as one.
    func sendBatch(_ texts: [SharedBytes]) {
        guard closing.isOpen else { return }
        writeBatch(texts)
    }

    private func writeBatch(_ texts: [SharedBytes]) {
        guard !texts.isEmpty else { return }
        for frame in services.frames.batchFrames(of: texts, in: dialect, shape) { connection.send(frame) }
    }

    /// Says that the client may not watch this channel.
    func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        refused(.forbidden, "may not watch \(channel.text)")
        say(.fault(Fault(.forbidden, "this token may not watch it", subject: channel), request: request))
    }

    /// Counts and logs that the client was refused something.
    func refused(_ reason: RefusalReason, _ message: @autoclosure () -> String) {
        viewers.clients.refused(reason, connection.client, message())
    }

    /// Keeps the connection alive.
    func beat(_ heartbeat: Heartbeat) {
        guard closing.isOpen else { return }
        connection.send(heartbeat.ping)
        guard isAuthenticated else { return }
        // Too many for announcements: the count comes now and then instead.
        if !heartbeat.isBroadcasting { tellCount() }
        for frame in heartbeat.messages(in: shape) { connection.send(frame) }
    }

    /// The client is to acknowledge `delivery`, which it has just been sent.
    func expectAcknowledgement(of delivery: Delivery) {
        guard let acknowledgements, let id = dialect.dialect.messageID(of: delivery) else { return }
        for text in dialect.dialect.encode(.delivery(delivery), stamp: services.frames.stamp()) {
            acknowledgements.expect(id, text)
        }
    }
}
