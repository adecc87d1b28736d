import Access
import Base
import Events
import Dialects
import EventLoop
import HTTP
import Hub
import JSON
import Token
import WebSocket

/// One client's WebSocket: frames in, commands to its session, frames out.
final class WebSocketConversation: ChannelConversation {
    unowned let connection: Connection
    let dialect: DialectName
    private var decoder: WebSocketDecoder
    private var bucket: TokenBucket
    private(set) var session: Session!
    private var lastHeard: UInt64
    private var isClosing = false
    /// How what is said to this one client is put on the wire.
    private let shape: Shape
    /// Whether it takes several messages as one.
    var takesBatches: Bool {
        get { connection.subscriber.shape?.wrapping == .batched }
        set { connection.subscriber.shape = newValue ? Shape(.dialect(dialect), wrapping: .batched) : shape }
    }

    var core: LoopCore { connection.core }

    init(connection: Connection, admission: UpgradeRules.Admission) {
        self.connection = connection
        dialect = admission.dialect
        let limits = connection.core.limits
        let now = connection.core.loop.now
        decoder = WebSocketDecoder(role: .server, limits: limits.webSocket, deflate: admission.acceptance.deflate)
        bucket = TokenBucket(burst: limits.messageBurst, now: now)
        lastHeard = now
        shape = Shape(.dialect(dialect), wrapping: Self.wrapping(admission.acceptance))
        connection.subscriber.shape = shape
        session = Session(conversation: self)
    }

    private static func wrapping(_ acceptance: Handshake.Acceptance) -> Shape.Wrapping {
        guard acceptance.deflate else { return .frame }
        return acceptance.needsNarrowWindow ? .compressedNarrowly : .compressed
    }

    /// Authenticates, or begins to wait for it.
    func start(handshake: RequestHead) {
        core.log.debug(
            "WebSocket opened",
            ["connection": "\(connection.id)", "peer": .text(connection.peer), "dialect": "\(dialect)"])
        session.start(handshake: handshake)
    }

    // MARK: Reading

    func receive(_ bytes: UnsafeRawBufferPointer) {
        lastHeard = core.loop.now
        decoder.append(bytes)
        do throws(WebSocketError) {
            while let event = try decoder.next(inflater: core.inflater) { handle(event) }
        } catch {
            let isTooBig = error.closeCode == .messageTooBig
            if error.closeCode == .internalError {
                core.log.error("cannot read a WebSocket any more", ["reason": .text(error.message)])
            } else {
                core.refused(isTooBig ? .messageSize : .frame, connection, error.message)
            }
            if isTooBig { say(.fault(Fault(.messageTooLarge, error.message), request: nil)) }
            close(error.closeCode, reason: error.message)
            // Nothing the peer sends is understood any more, not even its close.
            connection.closeWhenDrained()
        }
    }

    private func handle(_ event: WebSocketDecoder.Event) {
        switch event {
        case .close(let code, _):
            // The close is answered, and the server closes the socket first (RFC 6455 7.1.1).
            if !isClosing {
                noteClose(byClient: code ?? .noStatus)
                connection.send(FrameEncoder.close(answering: code))
            }
            isClosing = true
            session.leave()
            core.subscriptions.leaveAll(connection)
            connection.closeWhenDrained()
        case _ where isClosing: break
        case .message(let isText, let payload): receive(message: payload, isText: isText)
        case .ping(let payload):
            if isWithinRate() { connection.send(FrameEncoder.pong(payload)) }
        case .pong: break
        }
    }

    private func receive(message: [UInt8], isText: Bool) {
        guard isWithinRate() else { return }
        guard isText else { return say(.fault(Fault(.invalidMessage, "messages are text frames"), request: nil)) }
        let object: JSONObject
        do {
            object = try core.parser.object(message)
        } catch {
            let code: FaultCode = error.code == .notAnObject ? .invalidMessage : .invalidJSON
            return say(.fault(Fault(code, error.message), request: nil))
        }
        do {
            session.handle(try dialect.dialect.decode(object, parser: core.parser))
        } catch {
            say(.fault(error.fault, request: error.request))
        }
    }

    /// Counts one message; a client that goes on above the rate is closed.
    private func isWithinRate() -> Bool {
        let limits = core.limits
        if bucket.take(perSecond: limits.messagesPerSecond, burst: limits.messageBurst, now: core.loop.now) {
            return true
        }
        if !isClosing { core.refused(.rate, connection, "more than \(limits.messagesPerSecond) messages a second") }
        say(.fault(Fault(.rateLimited, "more than \(limits.messagesPerSecond) messages a second"), request: nil))
        close(.policyViolation, reason: "too many messages")
        return false
    }

    // MARK: Writing

    /// Says something in the client's dialect.
    func say(_ message: ServerMessage) {
        guard !isClosing else { return }
        // What waits to be sent with more was there first.
        sendBatch(connection.subscriber.takeBatch())
        var frames = core.events.frames(of: message)
        for frame in frames.frames(in: shape) { connection.send(frame) }
    }

    /// Sends a message that was written before.
    func send(text: [UInt8]) {
        guard !isClosing else { return }
        connection.send(core.events.frame(of: text, in: shape))
    }

    /// Sends messages as one.
    func sendBatch(_ texts: [SharedBytes]) {
        guard !isClosing, !texts.isEmpty else { return }
        for frame in core.events.batchFrames(of: texts, in: dialect, shape) { connection.send(frame) }
    }

    func mayWatch(_ channel: ChannelName, owner: String?) -> Bool { session.mayWatch(channel, owner: owner) }

    func expectAcknowledgement(of delivery: Delivery) { session.expectAcknowledgement(of: delivery) }

    /// Says that this channel is not the client's to watch.
    func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        core.refused(.forbidden, connection, "may not watch \(channel.text)")
        say(.fault(Fault(.forbidden, "this token may not watch it", subject: channel), request: request))
    }

    /// Keeps the connection alive, or ends it when the client was silent for too long.
    func beat(_ heartbeat: Heartbeat) {
        guard heartbeat.now - lastHeard <= heartbeat.silenceMilliseconds else { return giveUp() }
        guard !isClosing else { return }
        connection.send(heartbeat.ping)
        guard session.isAuthenticated else { return }
        // Too many for announcements: the count comes now and then instead.
        if dialect.traits.greeting == .onlineCount, !core.presence.isBroadcasting { session.tellCount() }
        for frame in heartbeat.messages(in: shape) { connection.send(frame) }
    }

    // MARK: Ending

    /// Sends a close frame and nothing after it; the socket follows when the peer has answered, or soon.
    func close(_ code: CloseCode, reason: String) {
        guard !isClosing else { return }
        if session.isAuthenticated, code != .normal { say(.closing(code: code.rawValue, reason: reason)) }
        isClosing = true
        decoder.seekClose()
        core.counters.closes[.byNode(code), default: 0] += 1
        core.log.debug(
            "closing a WebSocket",
            ["connection": "\(connection.id)", "code": .number(Int(code.rawValue)), "reason": .text(reason)])
        session.leave()
        core.subscriptions.leaveAll(connection)
        connection.send(FrameEncoder.close(code, reason: reason))
        // One that reads slowly is given the time to learn why.
        let patience = code == .tryAgainLater ? core.limits.slowCloseMilliseconds : core.limits.closeMilliseconds
        core.loop.schedule(after: patience) { [weak connection] in connection?.close() }
    }

    /// Nothing was heard of the client for too long; nor would it hear a close frame.
    private func giveUp() {
        if !isClosing {
            isClosing = true
            core.counters.closes[.byNode(.abnormal), default: 0] += 1
            core.log.debug("a WebSocket was silent for too long", ["connection": "\(connection.id)"])
        }
        connection.close()
    }

    func peerDidFinish() { connection.close() }

    func didDrain() {}

    func didEnd() {
        if !isClosing { noteClose(byClient: .abnormal) }
        session.end()
    }

    private func noteClose(byClient code: CloseCode) {
        core.counters.closes[.byClient(code), default: 0] += 1
        core.log.debug(
            "a WebSocket was closed by its client",
            ["connection": "\(connection.id)", "code": .number(Int(code.rawValue))])
    }

    func didOverflow() { close(.tryAgainLater, reason: "reads too slowly") }

    func drain() { close(.serviceRestart, reason: "restart") }
}
