import Settings
import Telemetry
package import Access
package import Base
package import EventLoop
package import HTTP
package import Hub

/// One client's socket: passes the bytes it reads to a conversation, and writes the outbox.
///
/// Lives and dies on one loop. The loop's connections keep it alive until its socket is closed.
package final class Connection: StreamHandler {
    // In this order the properties take 117 bytes, which malloc rounds up to 128; in others 144.
    package let id: ConnectionID
    package let connections: LoopConnections
    /// The role of the port that accepted it.
    package let role: ListenerRole
    /// Whether the peer is a proxy that may name its client.
    package let isFromProxy: Bool
    private var closesWhenDrained = false
    private var peerIsDone = false
    private var isNextScheduled = false
    package var heartbeatSeat = HeartbeatRing<Connection>.none
    /// The client in logs: the one that a trusted proxy names, where there is one.
    package private(set) var peer: String
    package private(set) lazy var subscriber = Subscriber(owner: self)
    // Unchecked: every flush uses both several times, in accesses that end at once.
    @exclusivity(unchecked)
    private var transport: any ClientTransport
    package private(set) var conversation: (any Conversation)?
    @exclusivity(unchecked)
    private var replies = RepliesInTurn()

    package init(id: ConnectionID, stream: Stream, connections: LoopConnections, role: ListenerRole) {
        self.id = id
        transport = stream
        self.connections = connections
        self.role = role
        let address = stream.peer
        peer = address?.description ?? ""
        isFromProxy = address.map { connections.isTrusted($0) } ?? false
        stream.handler = self
    }

    /// A client that polls, and whose first poll came over `other`.
    init(id: ConnectionID, polls: PollTransport, like other: Connection) {
        self.id = id
        transport = polls
        connections = other.connections
        role = other.role
        (peer, isFromProxy) = (other.peer, other.isFromProxy)
        polls.connection = self
    }

    /// Begins a conversation.
    package func start(_ conversation: any Conversation) {
        self.conversation = conversation
        resumeReading()
    }

    /// Learns the client from a trusted proxy, anew with each request, since a proxy's connections serve many clients.
    package func learnPeer(from head: RequestHead) {
        guard isFromProxy else { return }
        let named = ForwardedAddress.client(head.headers, trusting: connections.trustedProxies)
        peer = named ?? transport.peer?.description ?? peer
    }

    /// The address at the other end of its socket.
    package var socketAddress: SocketAddress? { transport.peer }

    /// The client that counts for this connection until its request names one; nil for a proxy, which serves many.
    package var clientBlock: ClientBlock? { isFromProxy ? nil : transport.peer.flatMap(ClientBlock.init) }

    /// From now on `next` receives the bytes.
    package func switchTo(_ next: any Conversation) { conversation = next }

    /// The client in log lines.
    package var client: ClientLog.Client {
        var client = ClientLog.Client(connection: id, peer: peer)
        following?.name(&client)
        return client
    }

    private var loop: EventLoop { connections.loop }

    // MARK: Reading

    package func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        connections.tally.counters.bytesIn += UInt64(bytes.count)
        // Once the connection is closing, bytes are read and thrown away.
        guard !closesWhenDrained else { return }
        conversation?.receive(UnsafeRawBufferPointer(bytes))
    }

    package func streamDidReachEnd(_ stream: Stream) {
        peerIsDone = true
        if let conversation, !closesWhenDrained { conversation.peerDidFinish() } else { transport.close() }
    }

    /// Stops reading until ``resumeReading()``. The kernel then holds the client back (backpressure).
    package func pauseReading() { transport.stopReading() }
    package func resumeReading() { transport.startReading(maxBytes: LoopConnections.readBytes) }

    // MARK: Ending

    /// Closes the socket once everything queued has been written and the client has ended its side, or after so many
    /// milliseconds.
    package func closeWhenDrained(within milliseconds: UInt64? = nil) {
        guard !closesWhenDrained else { return }
        closesWhenDrained = true
        loop.schedule(after: milliseconds ?? connections.limits.closeMilliseconds) { [weak self] in
            self?.transport.close()
        }
        if subscriber.outbox.isEmpty, !transport.isWriting { linger() }
    }

    /// Ends this side and waits for the client's. Closing while bytes of the request are unread makes the kernel send a
    /// reset, which can overtake the answer (RFC 9112 9.6). After the client's end no bytes are unread.
    private func linger() {
        guard !peerIsDone else { return transport.close() }
        transport.finishWriting()
        resumeReading()
    }

    /// Closes the socket now.
    package func close() { transport.close() }

    /// The node is stopping.
    package func drain() { conversation?.drain() }

    package func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        if let error = stream.securityError { connections.didFail(self, error) }
        transportDidEnd()
    }

    func transportDidEnd() {
        conversation?.didEnd()
        conversation = nil
        replies = RepliesInTurn()
        connections.didEnd(self)
    }
}

// MARK: Moving

extension Connection {
    /// Gives the socket to `heir`, whose polls are over. False where there is none any more.
    func give(to heir: Connection) -> Bool {
        guard let stream = transport as? Stream, stream.isOpen else { return false }
        (conversation, replies) = (nil, RepliesInTurn())
        heir.transport = stream
        stream.handler = heir
        heir.transportDidDrain()
        return true
    }

    /// Takes the socket from this loop; nil where that cannot be.
    func detach() -> DetachedStream? {
        guard subscriber.outbox.isEmpty, !subscriber.outbox.isBlocked else { return nil }
        guard let detached = (transport as? Stream)?.detach() else { return nil }
        (conversation, replies) = (nil, RepliesInTurn())
        return detached
    }
}

// MARK: Writing

extension Connection: SubscriberOwner {
    /// Queues one frame or answer, which the next flush writes.
    package func send(_ bytes: SharedBytes) {
        guard !closesWhenDrained else { return }
        connections.hub.send(bytes, to: subscriber)
    }

    package func flushOutbox() {
        let (tally, subscriber) = (connections.tally, subscriber)
        while !subscriber.outbox.isEmpty, !transport.isWriting {
            let vector = connections.vector
            let offered = subscriber.outbox.fill(vector)
            let written = transport.tryWrite(UnsafeBufferPointer(rebasing: vector[..<offered]))
            guard written >= 0 else { return transport.close() }
            tally.counters.bytesOut += UInt64(written)
            if written > 0 { tally.counters.flushBytes.record(UInt64(written)) }
            if let rest = subscriber.outbox.advance(written: written, offered: offered) {
                tally.counters.bytesOut += UInt64(rest.frame.count - rest.offset)
                return transport.write(rest.frame, from: rest.offset)
            }
        }
        // A stream with TLS takes more than the kernel does.
        guard !transport.isWriting else { return subscriber.outbox.block(behind: transport.bytesBehind) }
        outboxDidEmpty()
    }

    package func streamDidDrain(_ stream: Stream) { transportDidDrain() }

    /// The transport has room again.
    func transportDidDrain() {
        subscriber.outbox.unblock()
        if subscriber.outbox.isEmpty { outboxDidEmpty() } else { flushOutbox() }
        tellNext()
    }

    private func outboxDidEmpty() {
        tellNext()
        if closesWhenDrained, !transport.isWriting { linger() }
    }

    package func flushBatch() { following?.flushBatch() }

    package func outboxDidOverflow() { conversation?.didOverflow() }
}

// MARK: Replies in turn

extension Connection {
    /// Whether the connection must first take what was sent before.
    package var isBehind: Bool { hasEnough || !replies.isEmpty }

    private var hasEnough: Bool {
        replies.isReplaying || subscriber.pendingBytes > connections.limits.outbox.softBytes
    }

    /// Calls `action` at once, or when the connection has taken what was sent before. Returns false where too many
    /// actions wait.
    package func whenCaughtUp(_ action: @escaping () -> Void) -> Bool {
        guard isBehind else {
            action()
            return true
        }
        guard replies.count < connections.limits.pacedPerConnection else { return false }
        replies.append(action)
        return true
    }

    /// A replay for the connection is being read or sent.
    package func replay(isUnderWay: Bool) {
        replies.isReplaying = isUnderWay
        if !isUnderWay { tellNext() }
    }

    /// Calls the next waiting action in a turn of its own: the loop writes what that queues at the turn's end.
    private func tellNext() {
        guard !isNextScheduled, !replies.isEmpty else { return }
        isNextScheduled = true
        loop.schedule(after: 0) { [weak self] in
            guard let self else { return }
            isNextScheduled = false
            while !hasEnough, let next = replies.next() { next() }
        }
    }
}
