import EventLoop
import HTTP
import RESP
import Redis

/// The actor that lives on one loop: its control path (starting, REST, stopping) reads top to bottom; the byte path below
/// it is synchronous.
actor NodeLoop {
    nonisolated let loop: EventLoop
    private var core: LoopCore?
    private var listener: Listener?
    private var operators: Listener?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) { self.loop = loop }

    /// Connections the kernel keeps for us until they are accepted (listen(2); the system may lower it): thousands of
    /// clients come back at once after a node has gone.
    private static let backlog: Int32 = 4096

    /// Accepts clients at `place`, and operators at a port of their own where there is one; answers the clients' port.
    func listen(
        index: Int, shared: NodeShared, redis location: RedisLocation, at place: ListenEndpoint,
        operatorsAt internalPlace: ListenEndpoint? = nil
    ) throws(SystemError) -> UInt16 {
        let core = LoopCore(index: index, loop: loop, shared: shared, location: location, actor: self)
        self.core = core
        let patience = Int32(clamping: shared.silenceMilliseconds)
        let listener = try Listener(
            loop: loop, endpoint: place, backlog: Self.backlog, peerPatienceMilliseconds: patience
        ) { [unowned core] in
            core.connections.accept($0, role: shared.configuration.internalPort == nil ? .everything : .clients)
        }
        if let internalPlace {
            operators = try Listener(
                loop: loop, endpoint: internalPlace, peerPatienceMilliseconds: patience
            ) { [unowned core] in
                core.connections.accept($0, role: .operators)
            }
        }
        self.listener = listener
        return listener.port ?? 0
    }

    /// What the loop has counted, and how it stands; nil before it listens.
    func reading() -> LoopReading? { core?.reading }

    /// Why the loop should get no clients now; nil when it should.
    func unreadiness() -> Unreadiness? { core.map { $0.unreadiness } ?? .starting }

    /// Connects to Redis, and begins to serve.
    func start() { core?.start() }

    /// Answers a request, later, on the connection it came from.
    func answer(_ request: Request, on id: ConnectionID) async {
        guard let core else { return }
        let response = await core.requests.answer(request)
        core.connections.answer(id, with: response)
    }

    /// Hears of the signals that end the node. Loop 0 does.
    func listen(to signals: [Int32], _ handler: @escaping @Sendable () -> Void) throws(SystemError) {
        for signal in signals {
            signalSources.append(try SignalSource(loop: loop, signal: signal) { handler() })
        }
    }

    private var signalSources: [SignalSource] = []

    /// Closes every connection over the drain time, then everything else; returns when nobody is connected.
    func drain(over milliseconds: UInt64) async {
        guard let core else { return }
        core.connections.drain(over: milliseconds)
        let deadline = loop.now + milliseconds + core.limits.closeMilliseconds * 2
        while core.connections.count > 0, loop.now < deadline { await pause(milliseconds: 20) }
    }

    /// Lets go of presence, Redis and the listeners.
    func close() async {
        await core?.presence.stop()
        listener?.close()
        operators?.close()
        core?.close()
    }

    private func pause(milliseconds: UInt64) async {
        await withCheckedContinuation { continuation in
            loop.schedule(after: milliseconds) { continuation.resume() }
        }
    }
}
