import Access
import Base
import EventLoop
import HTTP
import Hub
import WebSocket

/// What a connection is used for at the moment: requests first, after an upgrade frames.
protocol Conversation: AnyObject {
    /// Bytes have come; valid during the call.
    func receive(_ bytes: UnsafeRawBufferPointer)
    /// The outbox has gone empty, after it was not.
    func didDrain()
    /// The socket is closed; nothing follows.
    func didEnd()
    /// Too much waits for this client.
    func didOverflow()
    /// The peer will send nothing more.
    func peerDidFinish()
    /// The node is stopping: end politely.
    func drain()
}

/// One client's socket: reads into a conversation, writes what the outbox holds.
///
/// Lives and dies on one loop. The loop's ``ConnectionTable`` keeps it alive until its socket is closed.
final class Connection: StreamHandler, OutboxOwner {
    let id: ConnectionID
    let core: LoopCore
    /// Who is at the other end, as logs name it: the client that a trusted proxy speaks for, where there is one.
    private(set) var peer: String
    /// Which port it came in by.
    let door: Door
    private let socketPeer: String
    let isFromProxy: Bool
    private(set) lazy var subscriber = Subscriber(owner: self)
    private let stream: Stream
    private(set) var conversation: (any Conversation)?
    private var closesWhenDrained = false
    private var peerIsDone = false
    var heartbeatSeat = HeartbeatRing<Connection>.none
    private var pacer = Pacer()
    private var isPumpScheduled = false

    init(id: ConnectionID, stream: Stream, core: LoopCore, door: Door) {
        self.id = id
        self.stream = stream
        self.core = core
        self.door = door
        socketPeer = stream.peer?.description ?? ""
        peer = socketPeer
        let proxies = core.shared.configuration.trustedProxies
        isFromProxy = stream.peer.map { peer in proxies.contains { $0.contains(peer) } } ?? false
        stream.handler = self
    }

    /// Begins with HTTP.
    func start() {
        conversation = HTTPConversation(connection: self)
        stream.startReading(maxBytes: LoopCore.readBytes)
    }

    /// Learns from a trusted proxy who the client is: anew with each request, since a proxy's connections serve many.
    func learnPeer(from head: RequestHead) {
        guard isFromProxy else { return }
        peer = ForwardedAddress.client(head.headers, trusting: core.shared.configuration.trustedProxies) ?? socketPeer
    }

    /// Whose connection it is as long as it has not said more than its address; nil for a proxy's, which speaks for many.
    var clientBlock: ClientBlock? { isFromProxy ? nil : stream.peer.flatMap(ClientBlock.init) }

    /// From now on bytes go to `next`.
    func switchTo(_ next: any Conversation) { conversation = next }

    var webSocket: WebSocketConversation? { conversation as? WebSocketConversation }
    var eventStream: EventStreamConversation? { conversation as? EventStreamConversation }
    var http: HTTPConversation? { conversation as? HTTPConversation }

    // MARK: Writing

    /// Queues one frame or answer; it is written with the loop's next flush.
    func send(_ bytes: SharedBytes) {
        guard !closesWhenDrained else { return }
        core.hub.send(bytes, to: subscriber)
    }

    func flushOutbox() {
        while !subscriber.outbox.isEmpty, !stream.isWriting {
            let vector = core.vector
            let offered = subscriber.outbox.fill(vector)
            let written = stream.tryWrite(UnsafeBufferPointer(rebasing: vector[..<offered]))
            guard written >= 0 else { return stream.close() }
            core.counters.bytesOut += UInt64(written)
            if written > 0 { core.counters.flushBytes.record(UInt64(written)) }
            if let rest = subscriber.outbox.advance(written: written, offered: offered) {
                core.counters.bytesOut += UInt64(rest.frame.count - rest.offset)
                return stream.write(rest.frame, from: rest.offset)
            }
        }
        outboxDidEmpty()
    }

    func streamDidDrain(_ stream: Stream) {
        subscriber.outbox.unblock()
        if subscriber.outbox.isEmpty { outboxDidEmpty() } else { flushOutbox() }
        pump()
    }

    private func outboxDidEmpty() {
        pump()
        guard !stream.isWriting else { return }
        if closesWhenDrained { linger() } else { conversation?.didDrain() }
    }

    func flushBatch() { webSocket?.sendBatch(subscriber.takeBatch()) }

    func outboxDidOverflow() { conversation?.didOverflow() }

    // MARK: Pacing

    /// Whether it has enough to take for now.
    var isBehind: Bool {
        hasEnough || !pacer.isEmpty
    }

    private var hasEnough: Bool {
        pacer.isReplaying || subscriber.pendingBytes > core.limits.outbox.softBytes
    }

    /// Calls `action` at once, or when the connection has taken what it was sent before. Answers false where too much waits
    /// already.
    func whenCaughtUp(_ action: @escaping () -> Void) -> Bool {
        guard isBehind else {
            action()
            return true
        }
        guard pacer.count < core.limits.pacedPerConnection else { return false }
        pacer.append(action)
        return true
    }

    /// A replay is being read, or has been told.
    func replay(isUnderWay: Bool) {
        pacer.isReplaying = isUnderWay
        if !isUnderWay { pump() }
    }

    /// Goes on with what waits, in a turn of its own: what it queues is then written at that turn's end.
    private func pump() {
        guard !isPumpScheduled, !pacer.isEmpty else { return }
        isPumpScheduled = true
        core.loop.schedule(after: 0) { [weak self] in
            guard let self else { return }
            isPumpScheduled = false
            while !hasEnough, let next = pacer.next() { next() }
        }
    }

    // MARK: Reading

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        core.counters.bytesIn += UInt64(bytes.count)
        guard !closesWhenDrained else { return }  // lingering: read, so that it can be thrown away
        conversation?.receive(UnsafeRawBufferPointer(bytes))
    }

    func streamDidReachEnd(_ stream: Stream) {
        peerIsDone = true
        if let conversation, !closesWhenDrained { conversation.peerDidFinish() } else { stream.close() }
    }

    /// Stops taking bytes until ``resumeReading()``: the kernel then holds the client back.
    func pauseReading() { stream.stopReading() }
    func resumeReading() { stream.startReading(maxBytes: LoopCore.readBytes) }

    // MARK: Ending

    /// Closes the socket once everything queued has been written and the client has ended its side, at the latest after so
    /// many milliseconds.
    func closeWhenDrained(within milliseconds: UInt64? = nil) {
        guard !closesWhenDrained else { return }
        closesWhenDrained = true
        core.loop.schedule(after: milliseconds ?? core.limits.closeMilliseconds) { [weak self] in self?.stream.close() }
        if subscriber.outbox.isEmpty, !stream.isWriting { linger() }
    }

    /// Ends our side and waits for the client's: closing while bytes of its request are unread would make the kernel send a
    /// reset, which can overtake the answer (RFC 9112 9.6). Where the client has ended its side, there are none.
    private func linger() {
        guard !peerIsDone else { return stream.close() }
        stream.finishWriting()
        resumeReading()
    }

    /// Closes the socket now.
    func close() { stream.close() }

    /// The node is stopping.
    func drain() { conversation?.drain() }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        conversation?.didEnd()
        conversation = nil
        pacer = Pacer()
        core.connectionDidEnd(self)
    }
}

extension Connection: Hashable {
    static func == (one: Connection, other: Connection) -> Bool { one === other }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
