import Bytes
import EventLoop

/// What a connection does with its link.
protocol RedisLinkOwner: AnyObject {
    /// Logged in and answered a PING: commands may be sent.
    func linkDidConnect(_ outcome: Handshake.Outcome)
    /// Bytes have come, at most ``RedisLimits/maxFeedBytes``. What is thrown ends the connection.
    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure)
    /// A connection that was ready is gone, or an attempt has failed (`wasReady` false).
    func linkDidFail(_ failure: RedisFailure, wasReady: Bool)
    /// Time has passed, in ``Patience``'s milliseconds. What is thrown ends the connection.
    func linkDidTick(_ now: UInt64) throws(RedisFailure)
    /// The turn ends: what is to be sent must be appended now.
    func linkWillFlush()
}

/// One socket to Redis that is made again for ever: connect, log in, be used, break, wait, and again.
///
/// What is appended in a turn leaves in one write at its end. Confined to its loop.
final class RedisLink: StreamHandler {
    private enum Phase {
        case idle, connecting, shaking(Handshake), ready, waiting, closed
    }

    let loop: EventLoop
    let timing: RedisTiming
    private let endpoint: RedisEndpoint
    private let name: String
    private let scripts: [RedisScript]
    private weak var owner: (any RedisLinkOwner)?
    private var random: any RandomNumberGenerator
    private var backoff: Backoff
    private(set) var patience: Patience
    private var phase = Phase.idle
    private var stream: Stream?
    private var reader = ValueReader()
    private var shakeDeadline: UInt64 = 0
    private var output: [UInt8] = []
    private var timer: Timer?

    /// Called on every change.
    var onEvent: ((RedisEvent) -> Void)?

    init(
        loop: EventLoop, endpoint: RedisEndpoint, name: String, scripts: [RedisScript], timing: RedisTiming,
        random: any RandomNumberGenerator, owner: any RedisLinkOwner
    ) {
        self.loop = loop
        self.endpoint = endpoint
        self.name = name
        self.scripts = scripts
        self.timing = timing
        self.random = random
        self.owner = owner
        backoff = Backoff(least: timing.minBackoffMilliseconds, most: timing.maxBackoffMilliseconds)
        patience = Patience(tickMilliseconds: timing.tickMilliseconds)
    }

    var isReady: Bool { if case .ready = phase { true } else { false } }

    private var isClosed: Bool { if case .closed = phase { true } else { false } }

    // MARK: Connecting

    func start() {
        guard case .idle = phase else { return }
        loop.beforeSleep { [weak self] in self?.endTurn() }
        connect()
        tick()
    }

    private func connect() {
        phase = .connecting
        Stream.connect(loop: loop, to: endpoint.socket, timeout: timing.connectMilliseconds) { [weak self] result in
            guard let self, case .connecting = phase else {
                if case .success(let stream) = result { stream.close() }
                return
            }
            switch result {
            case .success(let stream): shake(over: stream)
            case .failure(let error): fail(.unreachable(code: error.code, message: error.message))
            }
        }
    }

    private func shake(over stream: Stream) {
        self.stream = stream
        stream.handler = self
        stream.setUserTimeout(milliseconds: UInt32(clamping: timing.commandMilliseconds))
        stream.startReading(maxBytes: RedisLimits.maxFeedBytes)
        let handshake = Handshake(endpoint: endpoint, name: name, scripts: scripts)
        reader = ValueReader()
        output = handshake.request
        shakeDeadline = patience.now + timing.commandMilliseconds
        phase = .shaking(handshake)
    }

    private func advance(_ handshake: Handshake, _ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        var handshake = handshake
        try reader.feed(bytes)
        while let reply = try reader.next() {
            guard let outcome = try handshake.receive(reply) else { continue }
            guard reader.isEmpty else { throw .nonsense("more replies than commands") }
            phase = .ready
            backoff.reset()
            onEvent?(.connected(outcome.server))
            owner?.linkDidConnect(outcome)
            return
        }
        phase = .shaking(handshake)
    }

    // MARK: Failing

    /// Gives the connection up, and tries again later.
    func fail(_ failure: RedisFailure) {
        guard !isClosed else { return }
        if case .waiting = phase { return }
        let wasReady = isReady
        phase = .waiting
        dropStream()
        onEvent?(wasReady ? .lost(failure) : failure.needsOperator ? .refused(failure) : .failed(failure))
        owner?.linkDidFail(failure, wasReady: wasReady)
        guard !isClosed else { return }
        let wait = waitAfter(failure)
        onEvent?(.retrying(milliseconds: wait))
        timer = loop.schedule(after: wait) { [weak self] in
            guard let self, case .waiting = phase else { return }
            connect()
        }
    }

    private func waitAfter(_ failure: RedisFailure) -> UInt64 {
        let wait = backoff.next(using: &random)
        if failure.needsOperator { return timing.refusedRetryMilliseconds }
        if case .unavailable = failure { return min(wait, timing.unavailableRetryMilliseconds) }
        return wait
    }

    private func dropStream() {
        stream?.handler = nil
        stream?.close()
        stream = nil
        output = []
    }

    /// Ends for good.
    func close() {
        phase = .closed
        timer?.cancel()
        dropStream()
    }

    // MARK: Writing

    /// Adds to what leaves at the end of the turn.
    func append(_ bytes: [UInt8]) { output += bytes }

    /// Adds to what leaves at the end of the turn.
    func append(_ write: (inout [UInt8]) -> Void) { write(&output) }

    private func endTurn() {
        if isReady { owner?.linkWillFlush() }
        flush()
    }

    private func flush() {
        guard let stream, !output.isEmpty, !stream.isWriting else { return }
        let bytes = SharedBytes(output)
        output.removeAll(keepingCapacity: output.count <= RedisLimits.maxFeedBytes)
        let written = withUnsafePointer(to: WritePiece(bytes)) {
            stream.tryWrite(UnsafeBufferPointer(start: $0, count: 1))
        }
        if written < 0 { return fail(.ended(SystemError(Int32(written), "write").description)) }
        if written < bytes.count { stream.write(bytes, from: written) }
    }

    // MARK: The stream

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        do throws(RedisFailure) {
            switch phase {
            case .shaking(let handshake): try advance(handshake, UnsafeRawBufferPointer(bytes))
            case .ready: try owner?.linkDidRead(UnsafeRawBufferPointer(bytes))
            case .idle, .connecting, .waiting, .closed: break
            }
        } catch {
            fail(error)
        }
    }

    func streamDidReachEnd(_ stream: Stream) { fail(.ended("Redis closed it")) }

    func streamDidDrain(_ stream: Stream) { flush() }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        if case .failed(let error) = reason { fail(.ended(error.description)) } else { fail(.ended("closed")) }
    }

    // MARK: Time

    private func tick() {
        loop.schedule(after: timing.tickMilliseconds) { [weak self] in
            guard let self, !isClosed else { return }
            patience.tick()
            do throws(RedisFailure) {
                if isReady {
                    try owner?.linkDidTick(patience.now)
                } else if case .shaking = phase, patience.now >= shakeDeadline {
                    throw .silent(milliseconds: timing.commandMilliseconds)
                }
            } catch {
                fail(error)
            }
            tick()
        }
    }
}

extension RedisEndpoint {
    /// Where the socket connects to.
    var socket: Endpoint {
        switch address {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }
}
