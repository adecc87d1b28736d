import RESP

/// One connection to Redis as a value: it decides what the link does about each event. It does no I/O, and counts time
/// in the ticks it gets.
///
///     idle ── start ──> connecting ── connected ──> handshaking ── last reply ──> ready
///                         ^     │                        │                          │
///                       waited  └──── failed ────────────┴───────── failed ─────────┤
///                         │                                                         │
///                      waiting <────────────────────────────────────────────────────┘      closed: from every state
///
/// Where Redis has no fixed address, each attempt begins with `finding`: idle or waiting ──> finding ── found ──>
/// connecting. A later, different address ends the connection to the old one, and any wait. An address that was not tried
/// since the link was last ready has the shortest wait again; where all servers of a cluster refuse, the second round
/// waits longer.
struct LinkState {
    /// An event of the connection.
    enum Event {
        /// The owner starts the link.
        case start
        /// The finder gives this address of Redis, with or without a question.
        case found(RedisEndpoint.Address)
        /// The attempt to connect has succeeded.
        case connected
        /// Redis has sent bytes, at most ``ReplyLimits/maxFeedBytes``.
        case bytes(UnsafeRawBufferPointer)
        /// The attempt to connect has failed, the stream has ended, or the owner gives the connection up.
        case failed(RedisFailure)
        /// The loop's turn ends: its commands leave in one write.
        case turnEnded
        /// The kernel took only a part of the write.
        case blocked
        /// The kernel has taken the rest of the write.
        case drained
        /// A tick of ``RedisTiming/tickMilliseconds`` has passed.
        case tick
        /// The wait before the next attempt is over.
        case waited
        /// The owner ends the connection for good.
        case close
    }

    /// An action of the link; actions run in order.
    enum Action: Equatable {
        /// Find the address of Redis; the answer is ``Event/found(_:)`` or ``Event/failed(_:)``.
        case find
        /// Start an attempt to connect.
        case connect
        /// Write these bytes. ``Event/blocked`` follows where the kernel takes only a part.
        case write([UInt8])
        /// Tell the owner that it may send commands.
        case ready(RedisHandshake.Outcome)
        /// Give the bytes of the event to the owner.
        case deliver
        /// Let the owner check its deadlines.
        case check
        /// End the stream, the attempt or the wait.
        case hangUp
        /// Tell the owner why the connection or the attempt ended, and wait this long before the next attempt.
        case lost(RedisFailure, wasReady: Bool, retryAfter: UInt64)
    }

    /// The addresses that a link remembers as tried: more than most clusters have masters.
    static let maxTried = 32

    /// The first byte of a TLS server's alert to a plain client (RFC 8446 5.1); no reply begins with it.
    private static let alert: UInt8 = 21

    private enum Phase {
        case idle
        case finding
        case connecting
        case handshaking(RedisHandshake, ValueReader, deadline: UInt64)
        case ready
        case waiting
        case closed
    }

    /// Holds the address that the finder gave last.
    private(set) var login: Login
    /// Whether each attempt asks the finder for the address first.
    private let isSought: Bool
    let timing: RedisTiming
    private var phase = Phase.idle
    private var random: any RandomNumberGenerator
    private var backoff: Backoff
    /// The addresses without success since the link was last ready.
    private var tried: [RedisEndpoint.Address] = []
    private(set) var patience: Patience
    /// When bytes last came, by ``patience``.
    private(set) var lastHeard: UInt64 = 0
    /// Whether Redis has sent anything on this connection.
    private var hasHeard = false
    /// The commands for the write at the end of the turn.
    private var outgoing: [UInt8] = []
    /// Whether the kernel has yet to take a part of the last write.
    private var isBlocked = false

    init(
        login: Login, isSought: Bool = false, timing: RedisTiming,
        random: any RandomNumberGenerator = SystemRandomNumberGenerator()
    ) {
        self.login = login
        self.isSought = isSought
        self.timing = timing
        self.random = random
        backoff = Backoff(least: timing.minBackoffMilliseconds, most: timing.maxBackoffMilliseconds)
        patience = Patience(tickMilliseconds: timing.tickMilliseconds)
    }

    var isIdle: Bool { if case .idle = phase { true } else { false } }
    var isReady: Bool { if case .ready = phase { true } else { false } }
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// Lets `append` add a command to the turn's one write. Only while ready.
    mutating func send(_ append: (inout [UInt8]) -> Void) {
        assert(isReady, "LinkState \(login.name): sending while not ready")
        append(&outgoing)
    }

    mutating func receive(_ event: Event) -> [Action] {
        switch event {
        case .start: start()
        case .found(let address): find(at: address)
        case .connected: shakeHands()
        case .bytes(let bytes): hear(bytes)
        case .failed(let failure): fail(failure)
        case .turnEnded: flush()
        case .blocked: block()
        case .drained: drain()
        case .tick: tick()
        case .waited: tryAgain()
        case .close: close()
        }
    }
}

// MARK: Starting and ending

extension LinkState {
    private mutating func start() -> [Action] {
        guard case .idle = phase else { return [] }
        return begin()
    }

    private mutating func tryAgain() -> [Action] {
        guard case .waiting = phase else { return [] }
        return begin()
    }

    private mutating func begin() -> [Action] {
        phase = isSought ? .finding : .connecting
        return isSought ? [.find] : [.connect]
    }

    private mutating func find(at address: RedisEndpoint.Address) -> [Action] {
        let isNew = address != login.endpoint.address
        switch phase {
        case .finding:
            if isUntried(address) { backoff.reset() }
            return connect(to: address)
        case .waiting where isNew:
            backoff.reset()
            return [.hangUp] + connect(to: address)
        case .connecting where isNew, .handshaking where isNew, .ready where isNew:
            backoff.reset()
            return fail(.moved(to: "\(address)"))
        case .idle, .waiting, .connecting, .handshaking, .ready, .closed: return []
        }
    }

    private func isUntried(_ address: RedisEndpoint.Address) -> Bool {
        tried.count < Self.maxTried && !tried.contains(address)
    }

    private mutating func connect(to address: RedisEndpoint.Address) -> [Action] {
        if isUntried(address) { tried.append(address) }
        login.endpoint.address = address
        phase = .connecting
        return [.connect]
    }

    private mutating func close() -> [Action] {
        guard !isClosed else { return [] }
        phase = .closed
        (outgoing, isBlocked) = ([], false)
        return [.hangUp]
    }

    /// Every end of a connection or an attempt passes here.
    private mutating func fail(_ failure: RedisFailure) -> [Action] {
        let wasReady = isReady
        var failure = failure
        switch phase {
        case .idle, .waiting, .closed: return []
        case .finding, .connecting, .ready: break
        case .handshaking: failure = explained(failure)
        }
        phase = .waiting
        (outgoing, isBlocked) = ([], false)
        return [.hangUp, .lost(failure, wasReady: wasReady, retryAfter: wait(after: failure, wasReady: wasReady))]
    }

    /// A TLS server hangs up on a plain client; some servers send no alert.
    private func explained(_ failure: RedisFailure) -> RedisFailure {
        guard case .ended(let reason) = failure, case .tcp = login.endpoint.address, login.endpoint.tls == nil,
            !hasHeard
        else { return failure }
        return .ended(reason + ", before it sent anything; a Redis with TLS needs rediss://")
    }

    private mutating func wait(after failure: RedisFailure, wasReady: Bool) -> UInt64 {
        let usual = backoff.next(using: &random)
        switch failure {
        case let other where other.needsOperator: return timing.refusedRetryMilliseconds
        // Redis accepts the connection, then refuses writes: without a full pause the loop would reconnect without end.
        case .unavailable where wasReady: return timing.unavailableRetryMilliseconds
        case .unavailable: return min(usual, timing.unavailableRetryMilliseconds)
        default: return usual
        }
    }
}

// MARK: Connecting

extension LinkState {
    private mutating func shakeHands() -> [Action] {
        guard case .connecting = phase else { return [.hangUp] }
        let handshake = RedisHandshake(login)
        outgoing = handshake.request
        lastHeard = patience.now
        hasHeard = false
        phase = .handshaking(handshake, ValueReader(), deadline: patience.now + timing.commandMilliseconds)
        return []
    }

    private mutating func hear(_ bytes: UnsafeRawBufferPointer) -> [Action] {
        switch phase {
        case .idle, .finding, .connecting, .waiting, .closed: return []
        case .ready:
            lastHeard = patience.now
            return [.deliver]
        case .handshaking(let handshake, let reader, let deadline):
            lastHeard = patience.now
            if !hasHeard, bytes.first == Self.alert {
                return fail(.nonsense("it speaks TLS, which needs rediss://"))
            }
            hasHeard = true
            do {
                return try hear(bytes, handshake, reader, deadline)
            } catch {
                return fail(error)
            }
        }
    }

    private mutating func hear(
        _ bytes: UnsafeRawBufferPointer, _ handshake: RedisHandshake, _ reader: ValueReader, _ deadline: UInt64
    ) throws(RedisFailure) -> [Action] {
        var handshake = handshake
        try reader.feed(bytes)
        while let reply = try reader.next() {
            guard let outcome = try handshake.receive(reply) else { continue }
            guard reader.isEmpty else { throw .nonsense("more replies than commands") }
            phase = .ready
            backoff.reset()
            tried = [login.endpoint.address]
            return [.ready(outcome)]
        }
        phase = .handshaking(handshake, reader, deadline: deadline)
        return []
    }
}

// MARK: Turns and ticks

extension LinkState {
    private mutating func flush() -> [Action] {
        guard !outgoing.isEmpty, !isBlocked else { return [] }
        let bytes = outgoing
        outgoing = []
        // The next turn will need about as much.
        outgoing.reserveCapacity(min(bytes.count, RedisLimits.maxIdleWriteBytes))
        return [.write(bytes)]
    }

    private mutating func block() -> [Action] {
        switch phase {
        case .handshaking, .ready: isBlocked = true
        case .idle, .finding, .connecting, .waiting, .closed: break
        }
        return []
    }

    private mutating func drain() -> [Action] {
        isBlocked = false
        return flush()
    }

    private mutating func tick() -> [Action] {
        patience.tick()
        switch phase {
        case .ready: return [.check]
        case .handshaking(_, _, let deadline) where patience.now >= deadline:
            return fail(.silent(milliseconds: timing.commandMilliseconds))
        case .idle, .finding, .connecting, .handshaking, .waiting, .closed: return []
        }
    }
}
