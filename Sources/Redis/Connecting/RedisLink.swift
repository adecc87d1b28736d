import RESP

internal import Base
internal import EventLoop
internal import Glibc

/// What both kinds of connection share: connect, handshake, one write a turn, deadlines, and again after every loss, for ever.
/// What is said once it is ready is its ``user``'s business.
final class RedisLink {
    private enum Phase {
        case idle
        case connecting
        case handshaking(Stream, Handshake, ValueReader, deadline: UInt64)
        case ready(Stream)
        case waiting(Timer)
        case closed
    }

    let loop: EventLoop
    let timing: RedisTiming
    private let endpoint: RedisEndpoint
    private let name: String
    private let scripts: [RedisScript]
    private let readsReplicas: Bool
    private var random: any RandomNumberGenerator
    private var backoff: Backoff
    private(set) var patience: Patience
    private var phase = Phase.idle
    private var ticker: Timer?
    private var turnHook: TurnHook?
    private var outgoing: [UInt8] = []
    /// When bytes last came, by ``patience``.
    private(set) var lastHeard: UInt64 = 0

    /// Owns the link. One that is gone without having closed it is noticed at the next tick.
    weak var user: (any RedisLinkUser)?

    init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, scripts: [RedisScript], readsReplicas: Bool = false,
        timing: RedisTiming, random: any RandomNumberGenerator
    ) {
        self.loop = loop
        self.endpoint = endpoint
        self.name = name
        self.scripts = scripts
        self.readsReplicas = readsReplicas
        self.timing = timing
        self.random = random
        backoff = Backoff(least: timing.minBackoffMilliseconds, most: timing.maxBackoffMilliseconds)
        patience = Patience(tickMilliseconds: timing.tickMilliseconds)
    }

    var isReady: Bool { if case .ready = phase { true } else { false } }
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// For whatever an owner calls: on another thread it would corrupt, silently, what the loop works on.
    func checkLoop(_ function: StaticString = #function) {
        precondition(loop.isCurrent, "Redis connection \(name): \(function) is for the loop's own thread")
    }

    /// Begins; once.
    func start() {
        checkLoop()
        guard case .idle = phase else { preconditionFailure("RedisLink \(name): started twice, or after close") }
        hookIntoTurns()
        tickLater()
        connect()
    }

    /// Ends for good.
    func close() {
        checkLoop()
        let last = phase
        phase = .closed
        ticker?.cancel()
        ticker = nil
        turnHook?.remove()
        turnHook = nil
        outgoing = []
        switch last {
        case .handshaking(let stream, _, _, _), .ready(let stream): stream.close()
        case .waiting(let timer): timer.cancel()
        // An attempt under way finds us closed, and closes its stream.
        case .idle, .connecting, .closed: break
        }
    }
}

// MARK: Connecting

extension RedisLink {
    private func connect() {
        phase = .connecting
        Stream.connect(
            loop: loop, to: endpoint.address.endpoint, timeoutMilliseconds: timing.connectMilliseconds
        ) { [weak self] result in
            guard let self, case .connecting = phase else {
                if case .success(let stream) = result { stream.close() }
                return
            }
            switch result {
            case .success(let stream): handshake(on: stream)
            case .failure(let error): fail(.unreachable(code: error.name, message: error.message))
            }
        }
    }

    private func handshake(on stream: Stream) {
        let handshake = Handshake(
            endpoint: endpoint, name: name, scripts: scripts, readsReplicas: readsReplicas)
        outgoing = handshake.request
        lastHeard = patience.now
        let deadline = patience.now + timing.commandMilliseconds
        phase = .handshaking(stream, handshake, ValueReader(), deadline: deadline)
        stream.handler = self
        stream.setUserTimeout(milliseconds: RedisLimits.userTimeoutMilliseconds)
        stream.startReading(maxBytes: ReplyLimits.maxFeedBytes)
    }

    private func receiveHandshake(
        _ bytes: UnsafeRawBufferPointer, _ stream: Stream, _ handshake: Handshake, _ reader: ValueReader,
        _ deadline: UInt64
    ) throws(RedisFailure) {
        var handshake = handshake
        try reader.feed(bytes)
        while let reply = try reader.next() {
            guard let outcome = try handshake.receive(reply) else { continue }
            guard reader.isEmpty else { throw .nonsense("more replies than commands") }
            return becomeReady(stream, outcome)
        }
        phase = .handshaking(stream, handshake, reader, deadline: deadline)
    }

    private func becomeReady(_ stream: Stream, _ outcome: Handshake.Outcome) {
        phase = .ready(stream)
        backoff.reset()
        user?.linkIsReady(outcome)
    }

    /// The one way out of a connection, or of an attempt: reports why and when the next attempt is.
    func fail(_ failure: RedisFailure) {
        let wasReady = isReady
        switch phase {
        case .idle, .waiting, .closed: return
        case .connecting: break
        case .handshaking(let stream, _, _, _), .ready(let stream): stream.close()
        }
        let wait = wait(after: failure, wasReady: wasReady)
        outgoing = []
        phase = .waiting(loop.schedule(after: wait) { [weak self] in self?.connect() })
        user?.linkDidFail(failure, wasReady: wasReady)
        // The user may have closed it just now.
        if !isClosed { user?.linkReports(.retrying(milliseconds: wait)) }
    }

    private func wait(after failure: RedisFailure, wasReady: Bool) -> UInt64 {
        let usual = nextWait(&self.random)  // `self`, since Glibc has a `random` too
        switch failure {
        case .refused, .tooOld: return timing.refusedRetryMilliseconds
        // It lets us in and then takes nothing: without a whole pause it would be entered and left without end.
        case .unavailable where wasReady: return timing.unavailableRetryMilliseconds
        case .unavailable: return min(usual, timing.unavailableRetryMilliseconds)
        default: return usual
        }
    }

    private func nextWait(_ random: inout some RandomNumberGenerator) -> UInt64 { backoff.next(using: &random) }
}

// MARK: Turns and ticks

extension RedisLink {
    private func hookIntoTurns() {
        turnHook = loop.beforeSleep { [weak self] in self?.endTurn() }
    }

    private func endTurn() {
        if isReady { user?.linkWillFlush() }
        flush()
    }

    private func tickLater() {
        ticker = loop.schedule(after: timing.tickMilliseconds) { [weak self] in self?.tick() }
    }

    private func tick() {
        guard user != nil else { return close() }
        patience.tick()
        switch phase {
        case .handshaking(_, _, _, let deadline) where patience.now >= deadline:
            fail(.silent(milliseconds: timing.commandMilliseconds))
        case .ready: user?.linkDidTick()
        default: break
        }
        if !isClosed { tickLater() }
    }
}

// MARK: Writing

extension RedisLink {
    /// Lets `append` add a command to what leaves at the end of the turn.
    func send(_ append: (inout [UInt8]) -> Void) {
        assert(isReady, "RedisLink \(name): sending while not ready")
        append(&outgoing)
    }

    private func flush() {
        guard !outgoing.isEmpty, let stream = openStream, !stream.isWriting else { return }
        let bytes = SharedBytes(outgoing)
        let written = withUnsafePointer(to: iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)) {
            stream.tryWrite(UnsafeBufferPointer(start: $0, count: 1))
        }
        guard written >= 0 else { return fail(.ended(SystemError(.write, code: Int32(clamping: written)).description)) }
        if written < bytes.count { stream.write(bytes, from: written) }
        outgoing.removeAll(keepingCapacity: outgoing.capacity <= RedisLimits.maxIdleWriteBytes)
    }

    private var openStream: Stream? {
        switch phase {
        case .handshaking(let stream, _, _, _), .ready(let stream): stream
        default: nil
        }
    }
}

// MARK: What the stream says

extension RedisLink: StreamHandler {
    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        lastHeard = patience.now
        let bytes = UnsafeRawBufferPointer(bytes)
        do {
            switch phase {
            case .ready(let current) where current === stream: try user?.linkDidRead(bytes)
            case .handshaking(let current, let handshake, let reader, let deadline) where current === stream:
                try receiveHandshake(bytes, stream, handshake, reader, deadline)
            default: break
            }
        } catch {
            fail(error)
        }
    }

    func streamDidDrain(_ stream: Stream) {
        if stream === openStream { flush() }
    }

    func streamDidReachEnd(_ stream: Stream) {
        if stream === openStream { fail(.ended("closed by Redis")) } else { stream.close() }
    }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        guard stream === openStream else { return }
        switch reason {
        case .failed(let error): fail(.ended(error.description))
        case .endOfStream: fail(.ended("closed by Redis"))
        case .closed: fail(.ended("the event loop stopped"))
        }
    }
}

extension RedisEndpoint.Address {
    /// What the event loop calls it.
    var endpoint: Endpoint {
        switch self {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }
}
