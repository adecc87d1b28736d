import Base
import Connections
import Dialects
import Events
import Following
import Hub
import Telemetry

/// Messages to the client.
extension Session: RedeliveryLine {
    func whenCaughtUp(_ action: @escaping () -> Void) -> Bool { connection.whenCaughtUp(action) }

    /// Sends a message in the client's dialect.
    func say(_ message: ServerMessage) {
        guard closing.isOpen else { return }
        write(message)
    }

    /// Sends a message although the WebSocket is closing: it is the reason.
    func write(_ message: ServerMessage) {
        // The batch comes first, since it is older.
        writeBatch(connection.subscriber.takeBatch())
        var frames = services.frames.frames(of: message)
        for frame in frames.frames(in: shape) { connection.send(frame) }
    }

    /// Sends an error that answers no request.
    func fault(_ code: FaultCode, _ message: String) { say(.fault(Fault(code, message), request: nil)) }

    /// Sends an encoded message.
    func send(text: [UInt8]) {
        guard closing.isOpen else { return }
        connection.send(services.frames.frame(of: text, in: shape))
    }

    /// Sends the messages that were collected as one.
    func sendBatch() {
        let texts = connection.subscriber.takeBatch()
        if closing.isOpen { writeBatch(texts) }
    }

    private func writeBatch(_ texts: [SharedBytes]) {
        guard !texts.isEmpty else { return }
        for frame in services.frames.batchFrames(of: texts, in: dialect, shape) { connection.send(frame) }
    }

    /// Tells the client that it may not watch this channel.
    func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        refused(.forbidden, "may not watch \(channel.text)")
        say(.fault(Fault(.forbidden, "this token may not watch it", subject: channel), request: request))
    }

    /// Counts and logs that the client was refused something.
    func refused(_ reason: RefusalReason, _ message: @autoclosure () -> String) {
        viewers.clients.refused(reason, connection.client, message())
    }

    /// Tells the log what the client did.
    func log(_ what: String, isWebSocket: Bool? = nil, _ fields: @autoclosure () -> Log.Fields) {
        viewers.activity.info(
            "\(isWebSocket ?? wire?.isWebSocket ?? true ? "WebSocket" : "client without a WebSocket") \(what)", fields()
        )
    }

    /// Sends a heartbeat.
    func beat(_ heartbeat: Heartbeat) {
        guard closing.isOpen else { return }
        wire?.ping(heartbeat)
        guard isAuthenticated else { return }
        // There are too many users for announcements: heartbeats tell the count instead.
        if !heartbeat.isBroadcasting { tellCount() }
        for frame in heartbeat.messages(in: shape) { connection.send(frame) }
    }

    /// The client must acknowledge `delivery`, which it was just sent.
    func expectAcknowledgement(of delivery: Delivery) {
        guard let acknowledgements, let id = dialect.dialect.messageID(of: delivery) else { return }
        for text in dialect.dialect.encode(.delivery(delivery), stamp: services.frames.stamp()) {
            acknowledgements.expect(id, text)
        }
    }
}
