import Access
import Base
package import Connections
import Dialects
import EventLoop
import Events
import Following
package import HTTP
import Hub
import JSON
import Settings
package import SocketIO
import Telemetry
import Token
package import WebSocket

/// One client of Socket.IO: its packets, over polls or a WebSocket, and its session, which speaks the dialect `tasks`.
/// ``EngineSession`` decides; this does it.
package final class SocketIOConversation: Conversation {
    /// The session's id: whoever knows it speaks for the client.
    package let sid: String
    package let session: Session
    let connection: Connection
    private let directory: EngineDirectory
    private let timing: EngineTiming
    private var engine: EngineSession
    /// The polls, until the client has moved to a WebSocket.
    private var polls: PollTransport?
    /// The WebSocket that the client tries, and may move to.
    private weak var trial: WebSocketTrial?
    private var decoder: WebSocketDecoder?
    /// Until the next ping, or until its pong.
    private var heartbeat: Timer?
    private var trialTime: Timer?
    /// Whether the client has connected to the namespace, before which nothing can be told to it.
    private var isConnected = false
    /// The token of the first request, until the client connects.
    private var token: String?
    /// The client has moved to a WebSocket, and its socket follows in the next turn; what ends the session waits so long.
    private var isMoving = false
    private var closesAfterMove: CloseCode?
    /// How the session's WebSocket is closed.
    private var closeCode = CloseCode.normal
    /// The client has sent a close frame, which is to be answered.
    private var wantsCloseAnswer = false

    private var services: SessionServices { session.services }
    private var limits: NodeLimits { services.viewers.limits }
    private var loop: EventLoop { services.viewers.loop }

    private init(
        connection: Connection, services: SessionServices, directory: EngineDirectory, carrier: EngineSession.Carrier,
        frame: Shape.Wrapping.Frame
    ) {
        self.connection = connection
        self.directory = directory
        sid = directory.makeSessionID()
        let ping = services.rules.socketIOPing
        timing = EngineTiming(
            pingMilliseconds: ping.everyMilliseconds, pongMilliseconds: ping.timeoutMilliseconds,
            maxPayloadBytes: services.viewers.limits.webSocket.maxMessageBytes)
        engine = EngineSession(carrier)
        session = Session(
            connection: connection, services: services, dialect: directory.dialect,
            wrapping: Shape.Wrapping(frame, isPacket: true))
    }

    // MARK: Start

    /// A client that begins with a poll; the answer to it.
    package static func open(
        _ head: RequestHead, over other: Connection, services: SessionServices, directory: EngineDirectory
    ) -> [UInt8] {
        let polls = PollTransport(loop: services.viewers.loop, peer: other.socketAddress)
        let connection = other.connections.open(polls, like: other)
        let conversation = SocketIOConversation(
            connection: connection, services: services, directory: directory, carrier: .request, frame: .none)
        conversation.polls = polls
        polls.didAnswer = { [unowned conversation] in _ = conversation.engine.on(.pollAnswered, hasPackets: false) }
        // Until it has a token it counts among its address's clients that have not come in yet: it has no socket of its own.
        connection.connections.beginHandshake(of: connection)
        conversation.begin(head)
        return conversation.timing.openPacket(sid: conversation.sid, mayUpgrade: true)
    }

    /// A client that begins over a WebSocket.
    package static func start(
        _ head: RequestHead, over connection: Connection, acceptance: ServerHandshake.Acceptance,
        services: SessionServices, directory: EngineDirectory
    ) -> SocketIOConversation {
        let conversation = SocketIOConversation(
            connection: connection, services: services, directory: directory, carrier: .webSocket,
            frame: .init(acceptance))
        conversation.decoder = WebSocketDecoder(
            role: .server, limits: conversation.limits.webSocket, deflate: acceptance.deflate)
        conversation.begin(head)
        conversation.send(conversation.timing.openPacket(sid: conversation.sid, mayUpgrade: false))
        return conversation
    }

    private func begin(_ head: RequestHead) {
        token = Credentials(head).token
        connection.start(self)
        connection.connections.keepAlive(connection)
        directory.insert(self)
        session.startWaiting(handshake: head, isWebSocket: polls == nil)
        waitForPing()
    }

    // MARK: Packets

    /// A poll of `asker` waits for packets; `answer` takes the body, or the reason why the poll is refused.
    package func poll(for asker: AnyObject, _ answer: @escaping (Result<[UInt8], EngineFault>) -> Void) {
        let effects = engine.on(.poll, hasPackets: !connection.subscriber.outbox.isEmpty)
        guard !effects.contains(.refuseRequest) else {
            perform(effects)
            return answer(.failure(.badRequest))
        }
        polls?.wait(for: asker) { answer($0.map(Result.success) ?? .failure(.unknownSession)) }
        perform(effects)
    }

    /// The connection of the poll that waits has ended.
    package func pollIsGone(of asker: AnyObject) {
        guard polls?.forgetPoll(of: asker) == true else { return }
        perform(engine.on(.pollGone, hasPackets: false))
    }

    /// The connection of a poll ended before its answer could go out: what was in it is lost, and so is the session.
    package func answerIsLost() { connection.close() }

    /// Takes the packets of a request's body. False where they are refused.
    package func post(_ body: [UInt8]) -> Bool {
        guard let packets = EnginePayload.packets(in: body) else { return take(nil, .request) }
        for packet in packets {
            guard take(packet, .request) else { return false }
            // A client that takes its leave may say so twice.
            if engine.transport == .ended || engine.transport == .lastPoll { break }
        }
        return true
    }

    /// Takes one packet, nil for what is none. False where it is refused.
    @discardableResult
    private func take(_ packet: EnginePacket?, _ carrier: EngineSession.Carrier) -> Bool {
        guard session.isWithinRate() else { return true }
        let effects = engine.on(.packet(packet, carrier), hasPackets: !connection.subscriber.outbox.isEmpty)
        perform(effects)
        if session.isAuthenticated { connection.connections.endHandshake(of: connection) }
        return !effects.contains(.refuseRequest)
    }

    private func perform(_ effects: [EngineSession.Effect]) {
        for effect in effects {
            switch effect {
            case .answerPoll: polls?.answerPoll(orElse: EnginePacket.noop)
            case .answerPollWithClose: polls?.answerPoll(orElse: EnginePacket.close)
            case .refusePoll: polls?.refusePoll()
            case .refuseRequest: break  // The caller does.
            case .answerProbe: trial?.send(EnginePacket.probeAnswer)
            case .moveToWebSocket: moveToWebSocket()
            case .dropWebSocket: trial?.drop()
            case .leave: connection.closeWhenDrained()
            case .closeWebSocket: connection.send(FrameEncoder.close(closeCode, reason: ""))
            case .refuseBinary: refuseBinary()
            case .deliver(let packet): receive(packet)
            case .ping: ping()
            case .waitForPing: waitForPing()
            case .waitForUpgrade: waitForUpgrade()
            case .forget: forget()
            }
        }
    }

    /// Queues a packet that is no message.
    private func send(_ packet: [UInt8]) { connection.send(services.frames.frame(ofPacket: packet, in: session.shape)) }

    // MARK: Socket.IO

    private func receive(_ bytes: ArraySlice<UInt8>) {
        guard session.closing.isOpen else { return }
        guard let packet = SocketPacket(bytes) else { return refuse("this is no packet of Socket.IO") }
        guard packet.isForMain else {
            if packet.kind == .connect { send(SocketPacket.refusal("Invalid namespace", namespace: packet.namespace)) }
            return
        }
        switch packet.kind {
        case .connect: connect(packet)
        case .disconnect: session.close(.normal, reason: "")
        case .event: receive(event: packet)
        // The node asks for no acknowledgements.
        case .acknowledgement, .connectError: break
        case .binaryEvent, .binaryAcknowledgement: refuseBinary()
        }
    }

    private func refuseBinary() { session.fault(.invalidMessage, "binary packets are not understood") }

    private func connect(_ packet: SocketPacket) {
        let auth = packet.data.isEmpty ? nil : try? services.parser.object(packet.data)
        guard packet.data.isEmpty || auth != nil else {
            return refuse("the data of a connect packet is no JSON object")
        }
        let token = auth?["token"]?.string ?? token
        self.token = nil
        let identity: Identity?
        do throws(TokenError) {
            identity = if let token { try session.identity(of: token) } else { nil }
        } catch {
            // The client ends the session itself, or the time to authenticate does: a client that polls would hear of the
            // end before it hears why.
            session.refused(.token, error.message)
            return send(SocketPacket.refusal("Authentication failed"))
        }
        send(SocketPacket.connected(sid: directory.makeSessionID()))
        isConnected = true
        if let identity { session.accept(identity, wantsBatches: auth?["batch"]?.bool ?? false, request: nil) }
    }

    private func receive(event packet: SocketPacket) {
        guard isConnected else { return refuse("an event came before the connect packet") }
        guard let event = SocketEvent(packet.data, parser: services.parser),
            let message = try? event.message(parser: services.parser)
        else { return session.fault(.invalidMessage, "an event is a JSON array that begins with the event's name") }
        session.receive(message, acknowledgement: packet.id)
    }

    /// What is no Socket.IO ends the client's session, and nothing else.
    private func refuse(_ reason: String) {
        session.refused(.frame, reason)
        session.close(.protocolError, reason: reason)
    }

    // MARK: Time

    private func waitForPing() {
        heartbeat?.cancel()
        heartbeat = loop.schedule(after: timing.pingMilliseconds) { [weak self] in
            guard let self else { return }
            perform(engine.on(.pingIsDue, hasPackets: false))
        }
    }

    private func ping() {
        send(EnginePacket.ping)
        heartbeat?.cancel()
        heartbeat = loop.schedule(after: timing.pongMilliseconds) { [weak self] in
            guard let self else { return }
            session.giveUp()
        }
    }

    private func waitForUpgrade() {
        trialTime?.cancel()
        trialTime = loop.schedule(after: timing.upgradeMilliseconds) { [weak self] in
            guard let self else { return }
            perform(engine.on(.upgradeTimeIsUp, hasPackets: false))
        }
    }
}

// MARK: The WebSocket that the client tries

extension SocketIOConversation {
    /// A WebSocket names the session. False where the session takes none.
    func tries(_ next: WebSocketTrial) -> Bool {
        guard engine.transport == .polls else { return false }
        trial = next
        perform(engine.on(.webSocketOpened, hasPackets: false))
        return true
    }

    /// A packet over that WebSocket. Returns whether the WebSocket is still one that is tried.
    func take(_ packet: EnginePacket?, from next: WebSocketTrial) -> Bool {
        guard trial === next, !isMoving else { return false }
        take(packet, .webSocket)
        return !isMoving
    }

    /// That WebSocket has ended.
    func trialDidEnd(_ ended: WebSocketTrial) {
        guard trial === ended else { return }
        trial = nil
        perform(engine.on(.webSocketEnded, hasPackets: false))
    }

    /// The client has moved. Its socket follows in a turn of its own, since this is called from within a call of it.
    private func moveToWebSocket() {
        trialTime?.cancel()
        isMoving = true
        loop.schedule(after: 0) { [weak self] in self?.move() }
    }

    private func move() {
        isMoving = false
        guard let trial, session.closing != .gone, polls?.isClosed == false else {
            // With the upgrade the trial gave up its say: it drops nothing any more.
            self.trial?.connection.close()
            return connection.close()
        }
        let (decoder, frame) = trial.handOver()
        self.decoder = decoder
        self.trial = nil
        polls = nil
        session.didMove(into: frame)
        guard connection.connections.move(trial.connection, to: connection) else { return connection.close() }
        if let code = closesAfterMove { return end(code) }
        receive(UnsafeRawBufferPointer(start: nil, count: 0))  // what came behind the upgrade
    }
}

// MARK: Bytes of the WebSocket

extension SocketIOConversation {
    package func receive(_ bytes: UnsafeRawBufferPointer) {
        decoder?.append(bytes)
        do throws(WebSocketError) {
            while let event = try nextEvent() { handle(event) }
        } catch {
            session.refuse(error)
        }
    }

    private func nextEvent() throws(WebSocketError) -> WebSocketDecoder.Event? {
        if !session.closing.isOpen { decoder?.seekClose() }
        return try decoder?.next(inflater: services.inflater)
    }

    private func handle(_ event: WebSocketDecoder.Event) {
        switch event {
        case .close(let code, let reason):
            wantsCloseAnswer = true
            session.receiveClose(code, reason: reason)
        case _ where !session.closing.isOpen: break
        case .message(true, let payload): take(EnginePacket(payload[...]), .webSocket)
        case .message(false, _): if session.isWithinRate() { refuseBinary() }
        case .ping(let payload): if session.isWithinRate() { connection.send(FrameEncoder.pong(payload)) }
        case .pong: break
        }
    }
}

// MARK: Ending

extension SocketIOConversation: SessionConversation, SessionWire {
    package func beat(_ heartbeat: Heartbeat) { session.beat(heartbeat) }

    var isWebSocket: Bool { polls == nil }

    /// The session's own ping is due at its own time.
    func ping(_ heartbeat: Heartbeat) {}

    func sayClose(_ code: CloseCode, reason: String) {
        // A client that moves reads neither way for a moment. The time to close bounds the wait.
        if isMoving || engine.transport == .moving { closesAfterMove = code } else { end(code) }
    }

    private func end(_ code: CloseCode) {
        closeCode = code
        // After a restart, or where it read too slowly, a client should come back. Its library does that by itself when
        // the transport ends, and not after a word of leave.
        guard code != .serviceRestart, code != .tryAgainLater else {
            return perform(engine.on(.endForNow, hasPackets: false))
        }
        if isConnected { send(SocketPacket.disconnected) }
        perform(engine.on(.end, hasPackets: !connection.subscriber.outbox.isEmpty))
    }

    func answerClose(_ code: CloseCode?) {
        if wantsCloseAnswer { connection.send(FrameEncoder.close(answering: code)) }
    }

    /// The node needs the place for other clients, and this one has not shown a token.
    package func makeWay() {
        connection.connections.endHandshake(of: connection)
        connection.close()
    }

    package func peerDidFinish() { connection.close() }

    package func didEnd() {
        connection.connections.endHandshake(of: connection)
        session.end()
        perform(engine.on(.end, hasPackets: false))
    }

    /// The session takes no more requests.
    private func forget() {
        heartbeat?.cancel()
        trialTime?.cancel()
        directory.remove(self)
        if session.closing.isOpen { session.receiveClose(.normal, reason: "") }
        if polls == nil { connection.closeWhenDrained() } else { connection.close() }
    }
}
