package import RESP

internal import Base
internal import EventLoop
internal import Glibc

/// Carries out on the event loop what ``LinkState`` decides: streams, timers, one write a turn. Its ``user`` sends the
/// commands once the connection is ready.
package final class RedisLink {
    private let loop: EventLoop
    /// Finds the address of Redis; nil where the address is fixed.
    private let finder: (any RedisFinder)?
    private var state: LinkState
    private var dial: RedisDial?
    private var stream: Stream?
    private var wait: Timer?
    private var ticker: Timer?
    private var turnHook: TurnHook?

    /// Owns the link. The next tick closes the link of a user that went away without closing it.
    weak var user: (any RedisLinkUser)?

    init(
        loop: EventLoop, login: Login, finder: (any RedisFinder)? = nil, timing: RedisTiming,
        random: any RandomNumberGenerator
    ) {
        self.loop = loop
        self.finder = finder
        state = LinkState(login: login, isSought: finder != nil, timing: timing, random: random)
    }

    var timing: RedisTiming { state.timing }
    var isReady: Bool { state.isReady }
    var isClosed: Bool { state.isClosed }
    /// The address of Redis, or the last one where it changes.
    var address: RedisEndpoint.Address { state.login.endpoint.address }
    /// Milliseconds of watching, in ticks.
    var now: UInt64 { state.patience.now }
    /// When bytes last came, by ``now``.
    var lastHeard: UInt64 { state.lastHeard }

    /// Traps calls from another thread, which would silently corrupt the loop's data.
    func checkLoop(_ function: StaticString = #function) {
        precondition(loop.isCurrent, "Redis connection \(state.login.name): \(function) is for the loop's own thread")
    }

    /// Starts the link; once.
    func start() {
        checkLoop()
        precondition(state.isIdle, "Redis connection \(state.login.name): started twice, or after close")
        turnHook = loop.beforeSleep { [weak self] in self?.endTurn() }
        ticker = loop.schedule(after: timing.tickMilliseconds) { [weak self] in self?.tick() }
        finder?.add(self)
        receive(.start)
    }

    /// Closes the link for good.
    func close() {
        checkLoop()
        ticker?.cancel()
        ticker = nil
        turnHook?.remove()
        turnHook = nil
        finder?.remove(self)
        receive(.close)
    }

    /// The finder gives the address of Redis.
    package func didFind(_ address: RedisEndpoint.Address) { receive(.found(address)) }

    /// Ends the connection or the attempt, and makes the next attempt.
    package func fail(_ failure: RedisFailure) { receive(.failed(failure)) }

    /// Lets `append` add a command to the turn's one write.
    func send(_ append: (inout [UInt8]) -> Void) { state.send(append) }

    private func endTurn() {
        if isReady { user?.linkWillFlush() }
        receive(.turnEnded)
    }

    private func tick() {
        guard user != nil else { return close() }
        receive(.tick)
        ticker?.restart(after: timing.tickMilliseconds)
    }
}

// MARK: Actions

extension RedisLink {
    private func receive(_ event: LinkState.Event) {
        for action in state.receive(event) { perform(action, of: event) }
    }

    private func perform(_ action: LinkState.Action, of event: LinkState.Event) {
        switch action {
        case .find: finder?.find(for: self)
        case .connect: connect()
        case .write(let bytes): write(bytes)
        case .ready(let outcome): user?.linkIsReady(outcome)
        case .deliver: if case .bytes(let bytes) = event { deliver(bytes) }
        case .check: user?.linkDidTick()
        case .hangUp: hangUp()
        case .lost(let failure, let wasReady, let milliseconds):
            wait = loop.schedule(after: milliseconds) { [weak self] in self?.receive(.waited) }
            user?.linkDidFail(failure, wasReady: wasReady)
            // The user may have closed the link just now.
            guard !isClosed else { return }
            user?.linkReports(.retrying(milliseconds: milliseconds))
            finder?.doubt(state.login.endpoint.address, failure)
        }
    }

    private func connect() {
        dial = RedisDial(state.login.endpoint, loop: loop, timeoutMilliseconds: timing.connectMilliseconds) {
            [weak self] result in
            guard let self else { return }
            dial = nil
            switch result {
            case .success(let stream): begin(stream)
            case .failure(let failure): receive(.failed(failure))
            }
        }
    }

    private func begin(_ stream: Stream) {
        self.stream = stream
        stream.handler = self
        stream.setUserTimeout(milliseconds: RedisLimits.userTimeoutMilliseconds)
        stream.startReading(maxBytes: ReplyLimits.maxFeedBytes)
        receive(.connected)
    }

    private func write(_ bytes: [UInt8]) {
        guard let stream else { return }
        let written = bytes.withUnsafeBytes { buffer in
            let base = UnsafeMutableRawPointer(mutating: buffer.baseAddress)
            return withUnsafePointer(to: iovec(iov_base: base, iov_len: buffer.count)) {
                stream.tryWrite(UnsafeBufferPointer(start: $0, count: 1))
            }
        }
        // A server that refuses our certificate sends an alert and closes: the link must still read both.
        if written < 0, stream.isSecure, stream.securityError == nil { return }
        guard written >= 0 else { return fail(.ended(SystemError(.write, code: Int32(clamping: written)).description)) }
        guard written < bytes.count else { return }
        receive(.blocked)
        stream.write(SharedBytes(bytes), from: written)
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) {
        do throws(RedisFailure) { try user?.linkDidRead(bytes) } catch { fail(error) }
    }

    private func hangUp() {
        dial?.cancel()
        dial = nil
        wait?.cancel()
        wait = nil
        stream.take()?.close()
    }
}

// MARK: Events of the stream

extension RedisLink: StreamHandler {
    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {
        if stream === self.stream { receive(.bytes(UnsafeRawBufferPointer(bytes))) }
    }

    func streamDidDrain(_ stream: Stream) {
        if stream === self.stream { receive(.drained) }
    }

    func streamDidReachEnd(_ stream: Stream) {
        if stream === self.stream { fail(.ended("closed by Redis")) } else { stream.close() }
    }

    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) {
        guard stream === self.stream else { return }
        switch reason {
        case .failed(let error):
            let address = state.login.endpoint.address
            fail(stream.securityError.map { RedisFailure($0, of: address) } ?? .ended(error.description))
        case .endOfStream: fail(.ended("closed by Redis"))
        case .closed: fail(.ended("the event loop stopped"))
        }
    }
}

extension RedisEndpoint.Address {
    /// The address in the event loop's form.
    var endpoint: Endpoint {
        switch self {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }
}
