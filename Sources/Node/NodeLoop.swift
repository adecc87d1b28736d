import Access
import REST
import Telemetry
import Connections
import Settings
import EventLoop
import HTTP
import RESP
import Redis
import Serving

/// The actor of one loop: its control path (starting, REST, stopping) reads top to bottom; the byte path below is
/// synchronous.
actor NodeLoop: HandOverTarget {
    nonisolated let loop: EventLoop
    private var parts: LoopParts?
    private var listener: Listener?
    private var operators: Listener?

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) { self.loop = loop }

    /// Connections that the kernel queues until the loop accepts them (listen(2); the system may lower it): thousands
    /// of clients reconnect at once when a node is gone.
    private static let backlog: Int32 = 4096

    /// Accepts clients at `place`, and operators at a separate port where there is one; returns the clients' port.
    func listen(
        index: Int, shared: NodeShared, redis location: RedisLocation, at place: ListenEndpoint,
        operatorsAt internalPlace: ListenEndpoint? = nil
    ) throws(SystemError) -> UInt16 {
        let assembly = LoopAssembly(index: index, loop: loop, shared: shared, redis: location)
        let parts = LoopParts(assembly) { [unowned self] in beginToAnswer($0, on: $1) }
        self.parts = parts
        let (connections, patience) = (parts.connections, Int32(clamping: shared.configuration.silenceMilliseconds))
        let listener = try Listener(
            loop: loop, endpoint: place, backlog: Self.backlog, peerPatienceMilliseconds: patience
        ) { [unowned connections] in
            connections.accept(
                $0, role: shared.configuration.internalPort == nil ? .everything : .clients,
                certificate: shared.certificate)
        }
        if let internalPlace {
            operators = try Listener(
                loop: loop, endpoint: internalPlace, peerPatienceMilliseconds: patience
            ) { [unowned connections] in connections.accept($0, role: .operators) }
        }
        self.listener = listener
        return listener.port ?? 0
    }

    /// The loop's counts and its numbers of the moment; nil before it listens.
    func reading() -> LoopReading? { parts?.reading }

    /// Whether clients should use the loop now; nil before it listens.
    func condition() -> LoopCondition? { parts?.condition }

    /// Connects to Redis, and starts to serve.
    func start() { parts?.start() }

    // Not isolated: a task that captures an unowned actor as its isolation releases it once too often (Swift 6.3).
    nonisolated private func beginToAnswer(_ request: Request, on id: ConnectionID) {
        Task { await answer(request, on: id) }
    }

    /// Answers a request, later, on its connection.
    private func answer(_ request: Request, on id: ConnectionID) async {
        guard let parts else { return }
        let response = await parts.dispatcher.answer(request)
        parts.connections.answer(id, with: response)
    }

    /// Goes on with a connection that another loop has accepted.
    func take(_ handOver: EngineHandOver) -> Bool {
        parts.map { HTTPConversation.take(handOver, $0.connections, $0.requests) } != nil
    }

    /// Handles signals to the node. Loop 0 does.
    func listen(to signals: [Int32], _ handler: @escaping @Sendable () -> Void) throws(SystemError) {
        for signal in signals {
            signalSources.append(try SignalSource(loop: loop, signal: signal) { handler() })
        }
    }

    private var signalSources: [SignalSource] = []

    /// Closes every connection over the drain time, then everything else; returns when no client is connected.
    func drain(over milliseconds: UInt64) async {
        await parts?.connections.drained(over: milliseconds)
    }

    /// Closes presence, Redis and the listeners.
    func close() async {
        await parts?.stop()
        listener?.close()
        operators?.close()
    }
}
