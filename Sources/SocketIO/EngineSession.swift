/// One session of Engine.IO: over polls, over a WebSocket, or on its way from the one to the other. It decides what the
/// server does with what the client brings (Engine.IO protocol, "Transports" and "Upgrade").
public struct EngineSession: Equatable, Sendable {
    /// How packets travel.
    public enum Transport: Equatable, Sendable {
        /// By polls.
        case polls
        /// By polls, while a WebSocket has been opened that the client has not tried yet.
        case pollsAndSilentWebSocket
        /// By polls, while the client has tried a WebSocket and is about to move there.
        case moving
        /// By the WebSocket.
        case webSocket
        /// By one more poll, which takes the last packets.
        case lastPoll
        /// No more: the session has ended.
        case ended
    }

    /// What brought a packet.
    public enum Carrier: Equatable, Sendable {
        /// The body of a request.
        case request
        /// The session's WebSocket, or the one that the client tries.
        case webSocket
    }

    /// What happens to a session.
    public enum Event: Equatable, Sendable {
        /// A request that waits for packets.
        case poll
        /// The connection of the poll that waits has ended.
        case pollGone
        /// A packet, or nil for what is none.
        case packet(EnginePacket?, Carrier)
        /// A WebSocket that names the session.
        case webSocketOpened
        /// That WebSocket has ended.
        case webSocketEnded
        /// The client had enough time to move to the WebSocket.
        case upgradeTimeIsUp
        /// Packets were written, and have answered the poll that waited.
        case pollAnswered
        /// A ping is due.
        case pingIsDue
        /// The node ends the session, and its client should stay away; what was queued before still goes out.
        case end
        /// The node ends the session, and its client should come back.
        case endForNow
    }

    /// What the server does.
    public enum Effect: Equatable, Sendable {
        /// Answer the poll that waits, or has just come, with the packets that wait; with `noop` where there are none.
        case answerPoll
        /// Answer the poll that waits with the packets that wait; with `close` where there are none. Not with both: clients
        /// act on `close` before the packets, and would not know why it came.
        case answerPollWithClose
        /// Refuse the poll that waits: ``EngineFault/unknownSession``. Clients come back after that by themselves, and not
        /// all of them do after `close`.
        case refusePoll
        /// Refuse the request that has just come: ``EngineFault/badRequest``.
        case refuseRequest
        /// Write `3probe` to the WebSocket.
        case answerProbe
        /// From now on packets go to the WebSocket, also those that wait.
        case moveToWebSocket
        /// Close the WebSocket that is not the session's, or not yet.
        case dropWebSocket
        /// End when a poll has taken what waits.
        case leave
        /// Close the session's WebSocket, once it has taken what waits.
        case closeWebSocket
        /// Say that binary attachments are not understood.
        case refuseBinary
        /// Hand the message to Socket.IO.
        case deliver(ArraySlice<UInt8>)
        /// Queue a ping, and give the client time for its pong.
        case ping
        /// The client is there: stop waiting for its pong, and wait for the time of the next ping.
        case waitForPing
        /// Give the client time to move to the WebSocket.
        case waitForUpgrade
        /// The session is over: forget it.
        case forget
    }

    /// How packets travel now.
    public private(set) var transport: Transport
    /// Whether a poll waits for packets.
    public private(set) var isPollWaiting = false

    /// A session that begins with a poll, or over a WebSocket.
    public init(_ carrier: Carrier) { transport = carrier == .request ? .polls : .webSocket }

    /// Takes an event. `hasPackets`: packets wait for the client.
    public mutating func on(_ event: Event, hasPackets: Bool) -> [Effect] {
        guard transport != .ended, transport != .lastPoll else { return afterEnd(event) }
        switch event {
        case .poll: return poll(hasPackets: hasPackets)
        case .pollGone: return pollGone()
        case .packet(let packet?, let carrier): return take(packet, carrier)
        case .packet(nil, let carrier): return takeNonsense(carrier)
        case .webSocketOpened: return webSocketOpened()
        case .webSocketEnded: return webSocketEnded()
        case .upgradeTimeIsUp: return upgradeTimeIsUp()
        case .pollAnswered: return pollAnswered()
        case .pingIsDue: return [.ping]
        case .end where hasPackets && transport != .webSocket && !isPollWaiting: return leave()
        case .end: return end()
        case .endForNow: return endForNow()
        }
    }

    // MARK: Polls

    private mutating func poll(hasPackets: Bool) -> [Effect] {
        guard transport != .webSocket else { return [.refuseRequest] }
        // Two polls at a time: the client is broken, or somebody else has its session.
        guard !isPollWaiting else { return end() + [.refuseRequest] }
        // A client that moves to its WebSocket first waits for its poll to end.
        if hasPackets || transport == .moving { return [.answerPoll] }
        isPollWaiting = true
        return []
    }

    /// The packets of an answer that was cut off are lost, so the session cannot go on. One that has no poll under way
    /// lost nothing.
    private mutating func pollGone() -> [Effect] {
        guard isPollWaiting else { return [] }
        isPollWaiting = false
        return end()
    }

    private mutating func pollAnswered() -> [Effect] {
        isPollWaiting = false
        return []
    }

    private mutating func releasePoll() -> [Effect] {
        guard isPollWaiting else { return [] }
        isPollWaiting = false
        return [.answerPoll]
    }

    // MARK: Packets

    private mutating func take(_ packet: EnginePacket, _ carrier: Carrier) -> [Effect] {
        if carrier == .webSocket, transport != .webSocket { return tryWebSocket(packet) }
        if carrier == .request, transport == .webSocket { return [.refuseRequest] }
        switch packet.kind {
        case .message: return [.deliver(packet.data)]
        case .binary: return [.refuseBinary]
        case .pong: return [.waitForPing]
        case .close: return clientEnds()
        case .noop: return []
        // Only the server opens and pings, and an upgrade comes over the WebSocket.
        case .open, .ping, .upgrade: return takeNonsense(carrier)
        }
    }

    /// What is no packet ends the session, and nothing else.
    private mutating func takeNonsense(_ carrier: Carrier) -> [Effect] {
        switch (carrier, transport) {
        case (.request, .webSocket): [.refuseRequest]
        case (.request, _): end() + [.refuseRequest]
        case (.webSocket, .webSocket): end()
        case (.webSocket, _): leaveWebSocket()
        }
    }

    private mutating func clientEnds() -> [Effect] {
        let released = releasePoll()
        return released + end()
    }

    // MARK: Moving to a WebSocket

    private mutating func webSocketOpened() -> [Effect] {
        guard transport == .polls else { return [.dropWebSocket] }
        transport = .pollsAndSilentWebSocket
        return [.waitForUpgrade]
    }

    /// A packet over a WebSocket that the client tries.
    private mutating func tryWebSocket(_ packet: EnginePacket) -> [Effect] {
        switch (packet.kind, transport) {
        case (.ping, .pollsAndSilentWebSocket) where packet.isProbe:
            transport = .moving
            return [.answerProbe] + releasePoll()
        case (.upgrade, .moving):
            transport = .webSocket
            return releasePoll() + [.moveToWebSocket]
        default: return leaveWebSocket()
        }
    }

    /// The client did not move to its WebSocket: the session stays with polls.
    private mutating func leaveWebSocket() -> [Effect] {
        transport = .polls
        return [.dropWebSocket]
    }

    private mutating func webSocketEnded() -> [Effect] {
        switch transport {
        case .polls, .lastPoll, .ended: return []
        case .pollsAndSilentWebSocket, .moving:
            transport = .polls
            return []
        case .webSocket: return end()
        }
    }

    private mutating func upgradeTimeIsUp() -> [Effect] {
        switch transport {
        case .pollsAndSilentWebSocket, .moving: leaveWebSocket()
        case .polls, .webSocket, .lastPoll, .ended: []
        }
    }

    // MARK: Ending

    private mutating func end() -> [Effect] {
        let before = transport
        transport = .ended
        var effects: [Effect] = []
        if isPollWaiting { effects.append(.answerPollWithClose) }
        isPollWaiting = false
        switch before {
        case .polls, .lastPoll, .ended: break
        case .pollsAndSilentWebSocket, .moving: effects.append(.dropWebSocket)
        case .webSocket: effects.append(.closeWebSocket)
        }
        return effects + [.forget]
    }

    private mutating func endForNow() -> [Effect] {
        let refused: [Effect] = isPollWaiting ? [.refusePoll] : []
        isPollWaiting = false
        return refused + end()
    }

    /// The client learns the reason from what waits for its next poll.
    private mutating func leave() -> [Effect] {
        let triesWebSocket = transport != .polls
        transport = .lastPoll
        return (triesWebSocket ? [.dropWebSocket] : []) + [.leave]
    }

    /// A session that has ended refuses what still comes to it.
    private mutating func afterEnd(_ event: Event) -> [Effect] {
        switch event {
        case .poll where transport == .lastPoll: return [.answerPoll]
        case .poll, .packet(_, .request): return [.refuseRequest]
        case .webSocketOpened: return [.dropWebSocket]
        case .end where transport == .lastPoll: return end()
        default: return []
        }
    }
}
